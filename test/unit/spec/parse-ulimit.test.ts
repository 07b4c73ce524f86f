import { expect, it } from 'vitest';
import { RLIM_INFINITY } from '../../../src/oci/runtime-spec.ts';
import { parseUlimit } from '../../../src/spec/parse-ulimit.ts';
import { expectBadFlag } from './expect-bad-flag.ts';

it.each([
	['nofile=1024', 'RLIMIT_NOFILE', 1024, 1024],
	['nofile=1024:4096', 'RLIMIT_NOFILE', 1024, 4096],
	['core=0', 'RLIMIT_CORE', 0, 0],
	['core=-1', 'RLIMIT_CORE', RLIM_INFINITY, RLIM_INFINITY],
	['memlock=infinity', 'RLIMIT_MEMLOCK', RLIM_INFINITY, RLIM_INFINITY],
	['stack=8192:unlimited', 'RLIMIT_STACK', 8192, RLIM_INFINITY],
])('reads %s', (text, type, soft, hard) => {
	expect(parseUlimit(text)).toEqual({ type, soft, hard });
});

it.each([
	'',
	'nofile',
	'nofile=',
	'=1',
	'as=1',
	'NOFILE=1',
	'what=1',
	'nofile=2:1',
	'nofile=-1:5',
	'nofile=1:2:3',
	'nofile=1e3',
	'nofile=0x10',
	'nofile= 1',
	'nofile=-2',
	'nofile=1:',
	'nofile=18446744073709551616',
])('refuses %j', text => {
	expectBadFlag(() => parseUlimit(text), '--ulimit', text);
});
