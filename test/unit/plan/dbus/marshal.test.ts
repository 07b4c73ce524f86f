import { describe, expect, it } from 'vitest';
import type { DbusValue } from '../../../../src/plan/dbus/dbus-value.ts';
import { marshal } from '../../../../src/plan/dbus/marshal.ts';
import { CAPTURED } from './captured.ts';

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('marshal', () => {
	it.each(CAPTURED)('gives the bytes that busctl sends as the body of $name', ({ call, hex }) => {
		const body = hexOf(marshal(call.signature, call.body));
		expect(body).toBe(hex.slice(-body.length));
		expect(body.length / 2).toBe(Buffer.from(hex, 'hex').readUInt32LE(4));
	});

	it.each<[string, DbusValue, string]>([
		['y', 255, 'ff'],
		['b', true, '01000000'],
		['n', -2, 'feff'],
		['q', 65_535, 'ffff'],
		['i', -1, 'ffffffff'],
		['u', 0xffff_ffff, 'ffffffff'],
		['x', -1n, 'ffffffffffffffff'],
		['t', 1n, '0100000000000000'],
		['d', 1.5, '000000000000f83f'],
		['s', 'ü', '02000000c3bc00'],
		['g', 'a(ss)', '05612873732900'],
		['ay', Uint8Array.of(1, 2), '020000000102'],
		['at', [], '0000000000000000'],
		['(yu)', [1, 2], '0100000002000000'],
		['a{sv}', [['k', { signature: 'y', value: 7 }]], '0a00000000000000010000006b0001790007'],
	])('writes %s %s', (signature, value, hex) => {
		expect(hexOf(marshal(signature, [value]))).toBe(hex);
	});

	it.each<[string, DbusValue]>([
		['y', 256],
		['n', 1.5],
		['u', -1],
		['t', -1n],
		['t', 2n ** 64n],
		['x', 5],
		['s', 'a\0b'],
		['s', 5],
		['b', 1],
		['as', 'text'],
		['(ss)', ['one']],
		['v', { signature: 'ss', value: [] }],
	])('refuses what is no %s: %s', (signature, value) => {
		expect(() => marshal(signature, [value])).toThrow();
	});

	it('refuses more or fewer values than types', () => {
		expect(() => marshal('ss', ['one'])).toThrow('1 values for the signature ss');
	});
});
