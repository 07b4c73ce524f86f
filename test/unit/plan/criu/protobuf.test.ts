import { describe, expect, it } from 'vitest';
import { decodeProtobuf, encodeProtobuf, type ProtobufFields } from '../../../../src/plan/criu/protobuf.ts';

const FIELDS: ProtobufFields = {
	number: [1, 'int'],
	flag: [2, 'bool'],
	text: [3, 'text'],
	inner: [4, { number: [1, 'int'] }],
	far: [100, 'int'],
};
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const bytes = (text: string): Uint8Array => Buffer.from(text, 'hex');

// The first three are the examples of protobuf.dev, "Encoding", in these numbers.
const WHOLE = [
	['a number of two bytes', { number: 150 }, '089601'],
	['text', { text: 'testing' }, '1a0774657374696e67'],
	['a message in a message', { inner: { number: 150 } }, '2203089601'],
	['the largest number of a namespace flag', { number: 0x40000000 }, '088080808004'],
	['flags', { flag: true }, '1001'],
	['a flag that is not set', { flag: false }, '1000'],
	['a field with a number of two bytes', { far: 1 }, 'a00601'],
	['text that is not ASCII', { text: 'ü' }, '1a02c3bc'],
	['nothing', {}, ''],
] as const;

it.each(WHOLE)('encodes and decodes %s', (_, message, encoded) => {
	expect(hex(encodeProtobuf(FIELDS, message))).toBe(encoded);
	expect(decodeProtobuf(FIELDS, bytes(encoded))).toEqual(message);
});

it('encodes one field for each element of an array', () => {
	expect(hex(encodeProtobuf(FIELDS, { text: ['a', 'b'], inner: [{ number: 1 }, { number: 2 }] }))).toBe(
		'1a01611a0162220208012202' + '0802',
	);
});

describe('of what it reads', () => {
	it('leaves fields out that the table does not have, of each wire type', () => {
		expect(decodeProtobuf({ number: [1, 'int'] }, bytes('3201aa38053d010203044101020304050607080807'))).toEqual({
			number: 7,
		});
	});

	it('takes the last value of a field', () => {
		expect(decodeProtobuf(FIELDS, bytes('08010802'))).toEqual({ number: 2 });
	});

	it('takes a negative number, which has ten bytes, for a number that is not small', () => {
		expect(Number(decodeProtobuf(FIELDS, bytes('08ffffffffffffffffff01')).number)).toBeGreaterThan(2 ** 53);
	});

	it.each([
		['a number that ends early', '0896', 'protobuf: the message ends early'],
		['text that ends early', '1a0574', 'protobuf: the message ends early'],
		['a length beyond all memory', '1affffffffffffffff7f', 'protobuf: the message ends early'],
		['a number without an end', '08ffffffffffffffffffffff01', 'protobuf: a number has no end'],
		['a group', '0b', 'protobuf: wire type 3'],
		['text in the place of a number', '0a0161', 'protobuf: field number has wire type 2'],
		['a number in the place of text', '1801', 'protobuf: field text has wire type 0'],
	])('refuses %s', (_, encoded, message) => {
		expect(() => decodeProtobuf(FIELDS, bytes(encoded))).toThrow(new Error(message));
	});
});
