import { expect, it } from 'vitest';
import { parseBoolean } from '../../../src/spec/parse-boolean.ts';
import { expectBadFlag } from './expect-bad-flag.ts';

it.each([
	['true', true],
	['1', true],
	['True', true],
	['false', false],
	['0', false],
])('reads %s', (word, value) => {
	expect(parseBoolean('--mount', word, 'whole')).toBe(value);
});

it.each(['', 'maybe', '2', 'constructor'])('refuses %j and names the whole value', word => {
	expectBadFlag(() => parseBoolean('--mount', word, 'whole'), '--mount', 'whole');
});
