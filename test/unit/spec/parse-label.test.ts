import { expect, it } from 'vitest';
import { parseLabel } from '../../../src/spec/parse-label.ts';
import { expectBadFlag } from './expect-bad-flag.ts';

it.each([
	['a', ['a', '']],
	['a=', ['a', '']],
	['a=b=c', ['a', 'b=c']],
])('reads %s', (text, pair) => {
	expect(parseLabel(text)).toEqual(pair);
});

it.each(['', '=', '=x'])('refuses %j', text => {
	expectBadFlag(() => parseLabel(text), '--label', text);
});
