import { describe, expect, it } from 'vitest';
import { parseVariantText } from '../../../../src/plan/systemd/variant-text.ts';

describe('parseVariantText', () => {
	it.each([
		['uint64 123456789', 't', 123_456_789n],
		['uint64 18446744073709551615', 't', 2n ** 64n - 1n],
		["'inactive-or-failed'", 's', 'inactive-or-failed'],
		['"it\'s"', 's', "it's"],
		["'it\\'s\\n\\u00fc'", 's', "it's\nü"],
		['true', 'b', true],
		['boolean false', 'b', false],
		['5', 'i', 5],
		['-5', 'i', -5],
		['0x1f', 'i', 31],
		['010', 'i', 8],
		['1.5', 'd', 1.5],
		['1e3', 'd', 1000],
		['double 2', 'd', 2],
		['byte 0xff', 'y', 255],
		['@u 7', 'u', 7],
		["objectpath '/a'", 'o', '/a'],
		["['a', 'b,c']", 'as', ['a', 'b,c']],
		['[1, 2]', 'ai', [1, 2]],
		['[byte 1, 2]', 'ay', [1, 2]],
		['@as []', 'as', []],
		['  uint64   5  ', 't', 5n],
	])('reads %s', (text, signature, value) => {
		expect(parseVariantText(text)).toEqual({ signature, value });
	});

	it.each([
		['', /no whole number/],
		['text', /no whole number/],
		["'open", /no text in quotes/],
		['"open', /no text in quotes/],
		["'a'b'", /no text in quotes/],
		['uint64 -1', /out of range/],
		['byte 256', /out of range/],
		['2147483648', /out of range/],
		['uint64 1.5', /no whole number/],
		['boolean 1', /neither true nor false/],
		['handle 5', /unknown type "handle"/],
		['[]', /needs a type/],
		['[1, true]', /no whole number/],
		['[[1]]', /no array of plain values/],
		['[1', /no array/],
		["'\\u0000'", /NUL/],
		["('a', 1)", /no whole number/],
		['08', /no whole number/],
	])('refuses %j', (text, message) => {
		expect(() => parseVariantText(text)).toThrow(message);
	});
});
