import { expect, it } from 'vitest';
import {
	flag,
	integer,
	list,
	mapOf,
	object,
	oneOf,
	optional,
	required,
	text,
} from '../../../../src/spec/validate/shape.ts';
import { thrownBy } from '../expect-bad-flag.ts';

const fault = (act: () => unknown) => (thrownBy(act) as Error).message;

it('reads what fits', () => {
	const shape = object({
		a: required(text),
		b: optional(list(integer(-1, 5))),
		c: optional(mapOf(flag)),
		d: optional(oneOf(['x', 'y'])),
	});
	const value = { a: '', b: [-1, 0, 5], c: { k: true }, d: 'y' };
	expect(shape(value, '')).toEqual(value);
	expect(shape({ a: 'x', b: null, z: 1 }, '')).toEqual({ a: 'x' });
});

it.each([
	[() => text(1, '/p'), 'config.json /p: expected a string, got 1'],
	[() => text('a\0', '/p'), 'config.json /p: a string with a NUL byte'],
	[() => text(undefined, '/p'), 'config.json /p: expected a string, got nothing'],
	[() => flag('true', '/p'), 'config.json /p: expected true or false, got "true"'],
	[() => integer(0, 5)('1', '/p'), 'config.json /p: expected a number, got "1"'],
	[() => integer(0, 5)(0.5, '/p'), 'config.json /p: expected a whole number, got 0.5'],
	[() => integer(0, 5)(Number.NaN, '/p'), 'config.json /p: expected a whole number, got NaN'],
	[() => integer(0, 5)(6, '/p'), 'config.json /p: expected 0 to 5, got 6'],
	[() => oneOf(['x', 'y'])('z', '/p'), 'config.json /p: expected one of x, y, got "z"'],
	[() => list(text)({}, '/p'), 'config.json /p: expected an array, got an object'],
	[() => list(text)(['a', 1], '/p'), 'config.json /p/1: expected a string, got 1'],
	[() => list(text, 1)(['a', 'b'], '/p'), 'config.json /p: expected at most 1 elements, got 2'],
	[() => mapOf(text)([], '/p'), 'config.json /p: expected an object, got an array'],
	[() => mapOf(text)({ 'a\0': '' }, '/p'), 'config.json /p: a key with a NUL byte'],
	[() => object({ a: required(text) })({}, '/p'), 'config.json /p/a: is required and missing'],
	[() => object({ a: required(text) })(null, ''), 'config.json /: expected an object, got null'],
])('words what does not: %#', (act, message) => {
	expect(fault(act)).toBe(message);
});

it('takes a key that is spelled with other capitals, as Go does, but the exact one before it', () => {
	const shape = object({ pageSize: optional(text) });
	expect(shape({ pagesize: '2MB' }, '')).toEqual({ pageSize: '2MB' });
	expect(shape({ pagesize: '2MB', pageSize: '1GB', PAGESIZE: '64KB' }, '')).toEqual({ pageSize: '1GB' });
	expect(shape({ page_size: '2MB' }, '')).toEqual({});
});
