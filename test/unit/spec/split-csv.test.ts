import { expect, it } from 'vitest';
import { splitCsv } from '../../../src/spec/split-csv.ts';
import { expectBadFlag } from './expect-bad-flag.ts';

it.each([
	['', ['']],
	['a,b', ['a', 'b']],
	['a,', ['a', '']],
	['"a,b",c', ['a,b', 'c']],
	['"say ""x""",c', ['say "x"', 'c']],
])('splits %s', (text, fields) => {
	expect(splitCsv('--mount', text)).toEqual(fields);
});

it.each(['"a', 'a"b', '"a"b', '"a""'])('refuses %s', text => {
	expectBadFlag(() => splitCsv('--mount', text), '--mount', text);
});
