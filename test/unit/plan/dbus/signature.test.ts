import { describe, expect, it } from 'vitest';
import { alignmentOf, completeTypes } from '../../../../src/plan/dbus/signature.ts';

describe('completeTypes', () => {
	it.each([
		['', []],
		['ssa(sv)a(sa(sv))', ['s', 's', 'a(sv)', 'a(sa(sv))']],
		['a{sv}aay', ['a{sv}', 'aay']],
	])('splits %j', (signature, types) => {
		expect(completeTypes(signature)).toEqual(types);
	});

	it.each(['a', '(', '()', ')', 'a(s', 'z', '(s}', 's'.repeat(256), 'a'.repeat(40)])('refuses %j', signature => {
		expect(() => completeTypes(signature)).toThrow();
	});
});

describe('alignmentOf', () => {
	it.each([
		['ygv', 1],
		['nq', 2],
		['biusoa', 4],
		['xtd({', 8],
	])('aligns %s to %i', (types, alignment) => {
		for (const type of types) expect(alignmentOf(type)).toBe(alignment);
	});
});
