import { expect, it } from 'vitest';
import { parseEnv } from '../../../src/spec/parse-env.ts';
import { expectBadFlag } from './expect-bad-flag.ts';

it.each([
	['A=1', 'A=1'],
	['A=', 'A='],
	['A=b=c', 'A=b=c'],
	['A= b ', 'A= b '],
	['HERE', 'HERE=yes'],
	['EMPTY', 'EMPTY='],
	['NOT_HERE', 'NOT_HERE'],
	['constructor', 'constructor'],
])('reads %s', (text, entry) => {
	expect(parseEnv(text, { HERE: 'yes', EMPTY: '', UNDEFINED: undefined })).toBe(entry);
});

it.each(['', '=', '=x'])('refuses %j', text => {
	expectBadFlag(() => parseEnv(text, {}), '--env', text);
});
