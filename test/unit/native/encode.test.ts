import { describe, expect, it } from 'vitest';
import { decodeNotes, encodePlan } from '../../../src/native/encode.ts';
import { type ArgKind, OPS, type OpName, PLAN_VERSION } from '../../../src/plan/op-table.ts';
import { type Plan, STEP_LISTS, type Step } from '../../../src/plan/step.ts';
import { ONE_OF_EACH } from '../explain/one-of-each.ts';
import { CASES, planOf } from '../plan/plan-fixture.ts';

const NOTES = { why: 'a test', phase: 'process' } as const;
const EMPTY: Plan = { version: 1, cloneFlags: 0, setup: [], init: [], teardown: [] };
const OP_NAMES = Object.keys(OPS) as readonly OpName[];

const withSetup = (...setup: readonly Step[]): Plan => ({ ...EMPTY, setup });
const mkdir = (path: string): Step => ({ op: 'mkdir', path, mode: 0o755, ...NOTES });

/** What native/decode.c reads, of the layout in native/plan.h alone. */
function decode(encoded: Uint8Array) {
	const view = Buffer.from(encoded.buffer, encoded.byteOffset, encoded.byteLength);
	const [size, ...rest] = Array.from({ length: 14 }, (_, index) => view.readUInt32LE(8 + 4 * index));
	const [
		setup = 0,
		init = 0,
		teardown = 0,
		dataOffset = 0,
		dataSize = 0,
		reporter = 0,
		notesOffset = 0,
		notesSize = 0,
		successor = 0,
		...zero
	] = rest;
	const data = view.subarray(dataOffset, dataOffset + dataSize);
	const str = (offset: number): string => {
		const end = data.indexOf(0, offset);
		if (end < 0) throw new Error(`the string at ${offset} does not end`);
		return data.toString('utf8', offset, end);
	};
	const strs = (offset: number): readonly string[] => {
		if (offset % 4 !== 0) throw new Error(`the strings at ${offset} are not aligned`);
		return Array.from({ length: data.readUInt32LE(offset) }, (_, index) =>
			str(data.readUInt32LE(offset + 4 + 4 * index)),
		);
	};
	const bytes = (word: bigint): Buffer => {
		const [offset, length] = [Number(word >> 32n), Number(word & 0xffff_ffffn)];
		if (offset % 8 !== 0 || offset + length > data.length) throw new Error(`the bytes at ${offset} are out of place`);
		return data.subarray(offset, offset + length);
	};
	const read = (kind: ArgKind, word: bigint): unknown =>
		kind === 'int'
			? word
			: kind === 'str'
				? str(Number(word))
				: kind === 'strs'
					? strs(Number(word))
					: bytes(word).toString('latin1');
	let at = 64;
	const list = (count: number) =>
		Array.from({ length: count }, () => {
			const record = view.subarray(at, at + 64);
			at += 64;
			const op = OP_NAMES[record.readUInt16LE(0) - 1];
			if (op === undefined) throw new Error('no such operation');
			const kinds = Object.entries(OPS[op].args) as readonly (readonly [string, ArgKind])[];
			const words = Array.from({ length: 6 }, (_, index) => record.readBigUInt64LE(16 + 8 * index));
			return {
				op,
				args: Object.fromEntries(kinds.map(([name, kind], index) => [name, read(kind, words[index] ?? 0n)])),
				unused: words.slice(kinds.length),
				tolerate: [...record.subarray(4, 8)].filter(errno => errno !== 0),
				after: record.readUInt32LE(8),
				zero: [record.readUInt16LE(2), record.readUInt32LE(12)],
			};
		});
	return {
		magic: view.toString('latin1', 0, 4),
		version: view.readUInt32LE(4),
		size,
		dataOffset,
		dataSize,
		notesOffset,
		notesSize,
		zero,
		lists: { setup: list(setup), init: list(init), teardown: list(teardown) },
		reporter: reporter === 0 ? [] : strs(reporter),
		successor: successor === 0 ? [] : strs(successor),
		data,
	};
}

/** A step as {@link decode} gives it. */
function expected(step: Step) {
	const values = step as unknown as Readonly<Record<string, unknown>>;
	const args = (Object.entries(OPS[step.op].args) as readonly (readonly [string, ArgKind])[]).map(([name, kind]) => {
		const value = values[name];
		if (kind === 'int') return [name, BigInt.asUintN(64, BigInt(value as number))];
		if (kind === 'bytes') return [name, Buffer.from(value as Uint8Array).toString('latin1')];
		return [name, value];
	});
	return {
		op: step.op,
		args: Object.fromEntries(args),
		unused: args.length === 6 ? [] : Array.from({ length: 6 - args.length }, () => 0n),
		tolerate: step.tolerate ?? [],
		after: step.after === undefined ? 0 : step.after + 1,
		zero: [0, 0],
	};
}

describe('encodePlan', () => {
	it.each(Object.entries(CASES))('says all of the plan and nothing else: %s', (_, what) => {
		const plan = planOf(what);
		const { lists } = decode(encodePlan(plan));
		for (const list of STEP_LISTS) expect(lists[list]).toEqual(plan[list].map(expected));
	});

	it('has a record for every operation', () => {
		expect(decode(encodePlan(withSetup(...ONE_OF_EACH))).lists.setup).toEqual(ONE_OF_EACH.map(expected));
	});

	it('begins with magic and version, and gives every size as it is', () => {
		const encoded = encodePlan(withSetup(mkdir('/a'), mkdir('/b')), { notes: '{"é":1}' });
		const decoded = decode(encoded);
		expect(decoded).toMatchObject({
			magic: 'TSRP',
			version: PLAN_VERSION,
			size: encoded.length,
			dataOffset: 64 + 2 * 64,
			notesSize: 8,
		});
		expect(decoded.dataOffset + decoded.dataSize).toBe(decoded.notesOffset);
		expect(decoded.notesOffset + decoded.notesSize).toBe(encoded.length);
		expect(new Set(decoded.zero)).toEqual(new Set([0]));
	});

	it('encodes an empty plan', () => {
		expect(decode(encodePlan(EMPTY)).lists).toEqual({ setup: [], init: [], teardown: [] });
	});

	it('keeps numbers of 64 bits, negative ones as their two’s complement', () => {
		const limits = withSetup(
			{ op: 'rlimit', resource: 7, soft: 0xffff_ffff_ffff_fffen, hard: 2n ** 64n - 1n, ...NOTES },
			{ op: 'capset', effective: 2n ** 63n, permitted: 2 ** 40, inheritable: -1, ...NOTES },
		);
		expect(decode(encodePlan(limits)).lists.setup).toEqual(limits.setup.map(expected));
	});

	it('keeps bytes as they are, a NUL and an empty range too', () => {
		const raw = Uint8Array.from([0, 255, 10, 0]);
		const plan = withSetup(
			{ op: 'setgroups', groups: raw, ...NOTES },
			{ op: 'setgroups', groups: new Uint8Array(0), ...NOTES },
			{ op: 'write', path: '/x', data: 'a\0é', ...NOTES },
		);
		const [first, second, third] = decode(encodePlan(plan)).lists.setup;
		expect([first?.args.groups, second?.args.groups]).toEqual(['\0\xff\n\0', '']);
		expect(third?.args.data).toBe(Buffer.from('a\0é').toString('latin1'));
	});

	it('takes bytes from where they stand in a larger buffer', () => {
		const groups = Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8]).subarray(4);
		expect(decode(encodePlan(withSetup({ op: 'setgroups', groups, ...NOTES }))).lists.setup[0]?.args.groups).toBe(
			'\x05\x06\x07\x08',
		);
	});

	it('stores each string once, however often it stands in the plan', () => {
		const path = `/${'long-name'.repeat(50)}`;
		const sizeOf = (count: number): number =>
			decode(encodePlan(withSetup(...Array.from({ length: count }, () => mkdir(path))))).dataSize;
		expect(sizeOf(100)).toBe(sizeOf(1));
		const { data } = decode(encodePlan(withSetup(mkdir(path), { op: 'removeTree', path, ...NOTES })));
		expect(data.toString('utf8').split(path)).toHaveLength(2);
	});

	it('tells an empty string from an empty list of strings', () => {
		const exec: Step = { op: 'exec', paths: [], argv: [''], env: [], ...NOTES };
		expect(decode(encodePlan(withSetup(exec))).lists.setup[0]?.args).toEqual({ paths: [], argv: [''], env: [] });
	});

	it('grows over any first guess of the size: a large environment', () => {
		const env = Array.from({ length: 2000 }, (_, index) => `VARIABLE_${index}=${'value é '.repeat(20)}`);
		const filter = new Uint8Array(100_000).fill(7);
		const plan = withSetup(
			{ op: 'exec', paths: ['/bin/sh'], argv: ['sh'], env, ...NOTES },
			{ op: 'seccomp', filter, flags: 0, ...NOTES },
		);
		expect(decode(encodePlan(plan)).lists.setup).toEqual(plan.setup.map(expected));
	});

	it.each(['reporter', 'successor'] as const)('keeps the words of a %s, and none for none', name => {
		const words = ['/usr/bin/node', 'report', 'a word'];
		expect(decode(encodePlan(EMPTY, { [name]: words }))[name]).toEqual(words);
		expect(decode(encodePlan(EMPTY))[name]).toEqual([]);
	});

	it.each([
		['a path', mkdir('/a\0b')],
		['an argument', { op: 'exec', paths: [], argv: ['sh', '-c\0'], env: [], ...NOTES } as Step],
		['a variable', { op: 'exec', paths: [], argv: [], env: ['A=\0'], ...NOTES } as Step],
	])('refuses a NUL in %s, where C would end it early', (_, step) => {
		expect(() => encodePlan(withSetup(step))).toThrow('NUL');
	});

	it('refuses a NUL in the reporter', () => {
		expect(() => encodePlan(EMPTY, { reporter: ['a\0b'] })).toThrow('NUL');
	});

	it('refuses a step with more tolerated errnos than the record holds', () => {
		const tolerate = [1, 2, 3, 4];
		expect(decode(encodePlan(withSetup({ ...mkdir('/a'), tolerate }))).lists.setup[0]?.tolerate).toEqual(tolerate);
		expect(() => encodePlan(withSetup({ ...mkdir('/a'), tolerate: [...tolerate, 5] }))).toThrow(
			'mkdir cannot be encoded',
		);
	});

	it('refuses an operation that is in no table', () => {
		expect(() => encodePlan(withSetup({ op: 'reboot', ...NOTES } as unknown as Step))).toThrow('reboot');
	});

	it('counts `after` from one, so that 0 is always', () => {
		const plan: Plan = { ...EMPTY, teardown: [{ ...mkdir('/a'), after: 0 }, mkdir('/b')] };
		expect(decode(encodePlan(plan)).lists.teardown.map(({ after }) => after)).toEqual([1, 0]);
	});
});

describe('decodeNotes', () => {
	it('gives back the notes, whatever is in the data', () => {
		const notes = JSON.stringify({ steps: ['é', '\u0000', '😀'] });
		expect(decodeNotes(encodePlan(withSetup(mkdir('/a')), { notes }))).toBe(notes);
		expect(decodeNotes(encodePlan(EMPTY))).toBe('');
	});

	it('reads a plan that stands somewhere in a larger buffer', () => {
		const encoded = encodePlan(EMPTY, { notes: 'here' });
		const shifted = new Uint8Array(encoded.length + 3);
		shifted.set(encoded, 3);
		expect(decodeNotes(shifted.subarray(3))).toBe('here');
	});
});
