import { expect, it } from 'vitest';
import { parseSysctl } from '../../../src/spec/parse-sysctl.ts';
import { expectBadFlag } from './expect-bad-flag.ts';

it('splits at the first equals sign', () => {
	expect(parseSysctl('net.a=b=c')).toEqual(['net.a', 'b=c']);
	expect(parseSysctl('net.a=')).toEqual(['net.a', '']);
});

it.each(['', 'net.a', '=1'])('refuses %j', text => {
	expectBadFlag(() => parseSysctl(text), '--sysctl', text);
});
