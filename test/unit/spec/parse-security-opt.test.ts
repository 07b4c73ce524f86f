import { expect, it } from 'vitest';
import { parseSecurityOpts } from '../../../src/spec/parse-security-opt.ts';
import { expectBadFlag } from './expect-bad-flag.ts';

const plain = { seccomp: { kind: 'default' }, noNewPrivileges: false };

it.each([
	[[], {}],
	[['no-new-privileges'], { noNewPrivileges: true }],
	[['no-new-privileges:true'], { noNewPrivileges: true }],
	[['no-new-privileges=false'], {}],
	[['no-new-privileges', 'no-new-privileges=false'], {}],
	[['seccomp=unconfined'], { seccomp: { kind: 'unconfined' } }],
	[['seccomp:unconfined'], { seccomp: { kind: 'unconfined' } }],
	[['seccomp=a=b.json'], { seccomp: { kind: 'file', path: 'a=b.json' } }],
	[['seccomp=builtin'], {}],
	[['apparmor=unconfined', 'label=disable'], {}],
])('reads %j', (texts, part) => {
	expect(parseSecurityOpts(texts)).toEqual({ ...plain, ...part });
});

it.each([
	'',
	'seccomp',
	'seccomp=',
	'what',
	'what=1',
	'no-new-privileges=',
	'no-new-privileges=x',
	'apparmor=docker-default',
	'label=level:s0',
])('refuses %j', text => {
	expectBadFlag(() => parseSecurityOpts([text]), '--security-opt', text);
});
