import { describe, expect, it } from 'vitest';
import { labelsMatch, nameMatches, parseFilters, parseMoment } from '../../../../src/cli/format/parse-filters.ts';

it('filters are collected by key', () => {
	expect(parseFilters(['label=a', 'label=b=c', 'until='], ['label', 'until'])).toEqual({
		label: ['a', 'b=c'],
		until: [''],
	});
});

it.each(['frob=1', 'label', '__proto__=1'])('%s is refused', word => {
	expect(() => parseFilters([word], ['label'])).toThrow(expect.objectContaining({ code: 'TSRUN_BAD_FLAG' }));
});

it('a label fits by its key, or by key and value', () => {
	const labels = { a: '1', b: '' };
	expect(labelsMatch(labels, ['a', 'b='])).toBe(true);
	expect(labelsMatch(labels, ['a=2'])).toBe(false);
	expect(labelsMatch(labels, ['a', 'c'])).toBe(false);
	expect(labelsMatch(labels, ['constructor'])).toBe(false);
});

it.each([
	['busybox', 'busybox', true],
	['busybox', 'busy*', true],
	['example.com/busybox', '*busybox', false],
	['example.com/busybox', '*/busy?ox', true],
	['a.b', 'a?b', true],
	['axb', 'a.b', false],
	['a1', 'a[0-9]', true],
	['a', '[', false],
	['a|b', 'a|b', true],
])('%s and the pattern %s: %s', (name, pattern, expected) => {
	expect(nameMatches(name, pattern)).toBe(expected);
});

describe('a moment', () => {
	const now = Date.parse('2024-06-01T00:00:00Z');
	it.each([
		['10m', now - 600_000],
		['1h30m', now - 5_400_000],
		['1.5h', now - 5_400_000],
		['2024-01-01', Date.parse('2024-01-01')],
		['2024-01-01T01:00:00Z', Date.parse('2024-01-01T01:00:00Z')],
		['1700000000', 1_700_000_000_000],
	])('%s', (text, expected) => {
		expect(parseMoment('--filter until', text, now)).toBe(expected);
	});
	it.each(['', 'yesterday', '10', '10x', '-1h'])('%j is none', text => {
		expect(() => parseMoment('--filter until', text, now)).toThrow(expect.objectContaining({ code: 'TSRUN_BAD_FLAG' }));
	});
});
