import { describe, expect, it } from 'vitest';
import { interpreterOf } from '../../../src/runtime/interpreter.ts';

const PT_LOAD = 1;
const PT_INTERP = 3;

interface Elf {
	readonly machine?: number;
	readonly bits?: 32 | 64;
	readonly type?: number;
	readonly interpreter?: string;
	readonly at?: number;
}

function elf({ machine = 62, bits = 64, type = PT_INTERP, interpreter = '/lib/ld.so', at = 256 }: Elf): Buffer {
	const file = Buffer.alloc(512);
	file.write('\x7fELF', 'latin1');
	file[4] = bits === 64 ? 2 : 1;
	file.writeUInt16LE(machine, 18);
	file.writeBigUInt64LE(64n, 32);
	file.writeUInt16LE(56, 54);
	file.writeUInt16LE(2, 56);
	file.writeUInt32LE(PT_LOAD, 64);
	file.writeUInt32LE(type, 64 + 56);
	file.writeBigUInt64LE(BigInt(at), 64 + 56 + 8);
	file.writeBigUInt64LE(BigInt(interpreter.length + 1), 64 + 56 + 32);
	file.write(interpreter, 256);
	return file;
}

describe('a script', () => {
	it.each([
		['#!/bin/sh\necho', '/bin/sh'],
		['#! \t/bin/sh -e\n', '/bin/sh'],
		['#!/bin/sh', '/bin/sh'],
		['#!/usr/bin/env python3\n', '/usr/bin/env'],
		['#!bin/sh\n', 'bin/sh'],
		['#!/bin/sh\r\necho\r\n', '/bin/sh\r'],
		['#!\n/bin/sh', ''],
		['#!', ''],
	])('%j names %j', (text, path) => {
		expect(interpreterOf(Buffer.from(text))).toEqual({ kind: 'script', path });
	});
});

describe('a program', () => {
	it('names its loader and its machine', () => {
		expect(interpreterOf(elf({}))).toEqual({ kind: 'elf', machine: 'amd64', path: '/lib/ld.so' });
	});
	it('has no loader when it is static', () => {
		expect(interpreterOf(elf({ type: PT_LOAD, machine: 183 }))).toEqual({ kind: 'elf', machine: 'arm64' });
	});
	it('of 32 bits or of an unknown machine is still a program', () => {
		expect(interpreterOf(elf({ bits: 32, machine: 3 }))).toEqual({ kind: 'elf', machine: 'i386' });
		expect(interpreterOf(elf({ machine: 999, type: PT_LOAD }))).toEqual({ kind: 'elf', machine: 'machine 999' });
	});
	it('whose loader lies beyond the first bytes names none', () => {
		expect(interpreterOf(elf({ at: 510 }))).toEqual({ kind: 'elf', machine: 'amd64' });
	});
	it('of less than a header is none', () => {
		expect(interpreterOf(elf({}).subarray(0, 63))).toEqual({ kind: 'unknown' });
	});
});

it.each(['', 'echo hi\n', '\ufeff#!/bin/sh\n', '#'])('%j is neither', text => {
	expect(interpreterOf(Buffer.from(text))).toEqual({ kind: 'unknown' });
});
