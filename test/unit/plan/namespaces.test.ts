import { describe, expect, it } from 'vitest';
import type { Linux, SpecNamespaceType } from '../../../src/oci/runtime-spec.ts';
import { CLONE } from '../../../src/plan/linux-constants.ts';
import { compileNamespaces } from '../../../src/plan/namespaces.ts';

const ALL: readonly SpecNamespaceType[] = ['mount', 'uts', 'ipc', 'pid', 'network', 'cgroup', 'time', 'user'];

function compile(types: readonly SpecNamespaceType[], linux: Linux = {}) {
	return compileNamespaces({ ociVersion: '1.1.0', linux: { ...linux, namespaces: types.map(type => ({ type })) } });
}

describe('compileNamespaces', () => {
	it('makes each namespace exactly once, by one of three calls', () => {
		for (const types of [ALL, ALL.filter(type => type !== 'user')]) {
			const { cloneFlags, unshareFlags, timeOffsets } = compile(types, { uidMappings: [], gidMappings: [] });
			const before = timeOffsets.flatMap(step => (step.op === 'unshare' ? [Number(step.flags)] : []));
			const calls = [cloneFlags, unshareFlags, ...before];
			const union = calls.reduce((all, flags) => all | flags, 0);
			expect(calls.reduce((sum, flags) => sum + flags, 0)).toBe(union);
			const names = { mount: 'NS', network: 'NET' } as Readonly<Record<string, string>>;
			const wanted = types.map(type => CLONE[`NEW${names[type] ?? type.toUpperCase()}` as keyof typeof CLONE]);
			expect(union).toBe(wanted.reduce((all, flag) => all | flag, 0));
		}
	});

	it('leaves the cgroup namespace to init, which must be in its cgroup first', () => {
		expect(compile(['mount', 'pid', 'cgroup'])).toMatchObject({
			cloneFlags: CLONE.NEWNS | CLONE.NEWPID,
			unshareFlags: CLONE.NEWCGROUP,
			isUser: false,
			idMaps: [],
		});
	});

	it('leaves the mount namespace to init where layers get mapped from outside first', () => {
		const { cloneFlags, unshareFlags } = compile(['mount', 'user']);
		expect([cloneFlags, unshareFlags]).toEqual([CLONE.NEWUSER, CLONE.NEWNS]);
	});

	it('makes nothing where nothing is asked', () => {
		expect(compileNamespaces({ ociVersion: '1.1.0' })).toMatchObject({ cloneFlags: 0, unshareFlags: 0, join: [] });
	});

	it('joins a namespace with a path in the place of its field, and does not make it', () => {
		const namespaces = [
			{ type: 'mount' },
			{ type: 'network', path: '/proc/7/ns/net' },
			{ type: 'user', path: '/u' },
			{ type: 'pid', path: '/p' },
		] as const;
		const plan = compileNamespaces({ ociVersion: '1.1.0', linux: { namespaces } });
		expect(plan.cloneFlags).toBe(CLONE.NEWNS);
		expect([plan.isNew('mount'), plan.isNew('network'), plan.isUser]).toEqual([true, false, false]);
		expect(plan.enter).toMatchObject([
			{ op: 'setns', path: '/proc/7/ns/net', type: CLONE.NEWNET, from: '/linux/namespaces/1' },
			{ op: 'setns', path: '/u', type: CLONE.NEWUSER, from: '/linux/namespaces/2' },
		]);
		expect(plan.join).toMatchObject([{ op: 'setns', path: '/p', type: CLONE.NEWPID, from: '/linux/namespaces/3' }]);
	});

	it('starts later children in the pid namespace of the host again', () => {
		const namespaces = [{ type: 'mount' }, { type: 'pid', path: '/p' }] as const;
		expect(compileNamespaces({ ociVersion: '1.1.0', linux: { namespaces } }).return).toMatchObject([
			{ op: 'setns', path: '/proc/self/ns/pid', type: CLONE.NEWPID },
		]);
	});

	it('writes each id map at once, one line for each mapping', () => {
		const uidMappings = [
			{ containerID: 0, hostID: 100_000, size: 1000 },
			{ containerID: 1000, hostID: 5, size: 1 },
		];
		const gidMappings = [{ containerID: 0, hostID: 200_000, size: 10 }];
		expect(compile(['mount', 'user'], { uidMappings, gidMappings }).idMaps).toMatchObject([
			{ op: 'writeInit', file: 'uid_map', data: '0 100000 1000\n1000 5 1\n' },
			{ op: 'writeInit', file: 'gid_map', data: '0 200000 10\n' },
		]);
	});

	it('sets clocks after it unshared the time namespace, in one write', () => {
		const timeOffsets = { monotonic: { secs: -3 }, boottime: { secs: 7, nanosecs: 5 } };
		expect(compile(['mount', 'time'], { timeOffsets }).timeOffsets).toMatchObject([
			{ op: 'unshare', flags: CLONE.NEWTIME },
			{ op: 'write', path: '/proc/self/timens_offsets', data: 'monotonic -3 0\nboottime 7 5\n' },
		]);
		expect(compile(['mount', 'time']).timeOffsets).toHaveLength(1);
	});
});
