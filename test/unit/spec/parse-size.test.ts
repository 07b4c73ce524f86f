import { expect, it } from 'vitest';
import { parseSize } from '../../../src/spec/parse-size.ts';
import { expectBadFlag } from './expect-bad-flag.ts';

it.each([
	['0', 0],
	['1', 1],
	['512b', 512],
	['1k', 1024],
	['6m', 6291456],
	['64MB', 67108864],
	['64MiB', 67108864],
	['1.5g', 1610612736],
	['2 G', 2147483648],
	['1t', 1099511627776],
	['0.0001k', 0],
])('reads %s', (text, bytes) => {
	expect(parseSize('--memory', text)).toBe(bytes);
});

it.each([
	'',
	'12q',
	'-1',
	'+1',
	'1e3',
	'0x10',
	' 1',
	'1 ',
	'1.',
	'.5m',
	'1..5m',
	'1,5m',
	'9999999999999p',
	'9007199254740993',
	'1k1',
	'１m',
])('refuses %j', text => {
	expect(expectBadFlag(() => parseSize('--memory', text), '--memory', text).hint).toContain('--memory 512m');
});
