import { describe, expect, it } from 'vitest';
import type { TsrunError } from '../../../src/core/errors.ts';
import type { RuntimeSpec, Seccomp } from '../../../src/oci/runtime-spec.ts';
import { agentStateParts, connectAgent, hasAgent } from '../../../src/plan/seccomp-agent.ts';
import { thrownBy } from '../spec/expect-bad-flag.ts';
import { isOp, only, planOf } from './plan-fixture.ts';

const profile = (rest: Partial<Seccomp> = {}): Seccomp => ({
	defaultAction: 'SCMP_ACT_ALLOW',
	listenerPath: '/run/agent.sock',
	syscalls: [{ names: ['mkdir'], action: 'SCMP_ACT_NOTIFY' }],
	...rest,
});
const withProfile = (seccomp: Seccomp): RuntimeSpec => ({
	ociVersion: '1.2.0',
	annotations: { a: 'b' },
	linux: { seccomp },
});

describe('the container process state', () => {
	it('has the pid of init twice, where the plan has a gap', () => {
		const spec = withProfile(profile({ listenerMetadata: 'say "hi"' }));
		const parts = agentStateParts(spec, { id: 'web', bundle: '/bundle' });
		expect(parts).toHaveLength(3);
		expect(JSON.parse(parts.join('4422'))).toEqual({
			ociVersion: '1.2.0',
			fds: ['seccompFd'],
			pid: 4422,
			metadata: 'say "hi"',
			state: {
				ociVersion: '1.2.0',
				id: 'web',
				status: 'creating',
				pid: 4422,
				bundle: '/bundle',
				annotations: { a: 'b' },
			},
		});
	});

	it('tells of init as well where another process enters the container', () => {
		const parts = agentStateParts(withProfile(profile()), { id: 'web', bundle: '/bundle', initPid: 17 });
		const state = JSON.parse(parts.join('99')) as { readonly pid: number; readonly state: object };
		expect(state).toMatchObject({ pid: 99, state: { pid: 17, status: 'running' } });
		expect(state).not.toHaveProperty('metadata');
	});
});

it.each<[Partial<Seccomp>, RegExp]>([
	[{ listenerPath: undefined as unknown as string }, /listenerPath is not set/],
	[
		{ syscalls: [{ names: ['mkdir', 'write'], action: 'SCMP_ACT_NOTIFY' }] },
		/syscalls\/0: SCMP_ACT_NOTIFY cannot be used for the write syscall/,
	],
	[
		{ syscalls: [{ names: ['sendmsg'], action: 'SCMP_ACT_NOTIFY' }] },
		/SCMP_ACT_NOTIFY cannot be used for the sendmsg syscall/,
	],
])('refuses %j', (change, words) => {
	const error = thrownBy(() => connectAgent(withProfile(profile(change)))) as TsrunError;
	expect(error).toMatchObject({ code: 'TSRUN_BAD_SECCOMP' });
	expect(error.message).toMatch(words);
});

it('is not connected to where no rule notifies', () => {
	const silent = profile({ syscalls: [{ names: ['write'], action: 'SCMP_ACT_LOG' }] });
	expect([hasAgent(silent), connectAgent(withProfile(silent)), connectAgent({})]).toEqual([false, [], []]);
});

it('is connected to by its path on the host, and answers once the descriptors of the host are closed', () => {
	const { init } = planOf({ change: spec => ({ ...spec, linux: { ...spec.linux, seccomp: profile() } }) });
	expect(only(init, isOp('connectAgent'))).toBeLessThan(only(init, isOp('openRoot')));
	const notify = init[only(init, isOp('seccompNotify'))];
	expect(only(init, isOp('closeRange'))).toBeLessThan(only(init, isOp('seccompNotify')));
	expect(notify).toMatchObject({ flags: 8 | 4, from: '/linux/seccomp' });
});
