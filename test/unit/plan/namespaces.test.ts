import { describe, expect, it } from 'vitest';
import { describeStep } from '../../../src/explain/describe-step.ts';
import type { Linux, Namespace, SpecNamespaceType } from '../../../src/oci/runtime-spec.ts';
import { CLONE } from '../../../src/plan/linux-constants.ts';
import { compileNamespaces } from '../../../src/plan/namespaces.ts';
import type { Step } from '../../../src/plan/step.ts';

const ALL: readonly SpecNamespaceType[] = ['mount', 'uts', 'ipc', 'pid', 'network', 'cgroup', 'time', 'user'];

const ROOT = { capabilities: (1n << 41n) - 1n };

function compile(types: readonly SpecNamespaceType[], linux: Linux = {}) {
	return compileListed(
		types.map(type => ({ type })),
		linux,
	);
}

function compileListed(namespaces: readonly Namespace[], linux: Linux = {}) {
	return compileNamespaces({ ociVersion: '1.1.0', linux: { ...linux, namespaces } }, ROOT);
}

const flagsOf = (steps: readonly Step[]): number =>
	steps.reduce((all, step) => (step.op === 'unshare' ? all | Number(step.flags) : all), 0);
/** Calls of init in their order: which namespace each joins, or what it makes. */
const callsOf = (steps: readonly Step[]): readonly string[] => steps.map(describeStep);

describe('compileNamespaces', () => {
	it('makes each namespace exactly once, by one of three calls', () => {
		for (const types of [ALL, ALL.filter(type => type !== 'user')]) {
			const { cloneFlags, enter, timeOffsets } = compile(types, { uidMappings: [], gidMappings: [] });
			const calls = [cloneFlags, flagsOf(enter), flagsOf(timeOffsets)];
			const union = calls.reduce((all, flags) => all | flags, 0);
			expect(calls.reduce((sum, flags) => sum + flags, 0)).toBe(union);
			const names = { mount: 'NS', network: 'NET' } as Readonly<Record<string, string>>;
			const wanted = types.map(type => CLONE[`NEW${names[type] ?? type.toUpperCase()}` as keyof typeof CLONE]);
			expect(union).toBe(wanted.reduce((all, flag) => all | flag, 0));
		}
	});

	it('leaves the cgroup namespace to init, which must be in its cgroup first', () => {
		const plan = compile(['mount', 'pid', 'cgroup']);
		expect(plan).toMatchObject({ cloneFlags: CLONE.NEWNS | CLONE.NEWPID, idMaps: [], isReborn: false });
		expect(callsOf(plan.enter)).toEqual(['unshare(CLONE_NEWCGROUP)']);
	});

	it('joins the mount namespace after those whose paths are the runtime’s', () => {
		const listed = (['mount', 'network', 'ipc'] as const).map(type => ({ type, path: `/ns/${type}` }));
		expect(callsOf(compileListed(listed).enter).map(call => call.match(/\/ns\/\w+/)?.[0])).toEqual([
			'/ns/network',
			'/ns/ipc',
			'/ns/mount',
		]);
	});

	it('leaves the mount namespace to init where layers get mapped from outside first', () => {
		const { cloneFlags, enter } = compile(['mount', 'user']);
		expect([cloneFlags, flagsOf(enter)]).toEqual([CLONE.NEWUSER, CLONE.NEWNS]);
	});

	it('makes nothing where nothing is asked', () => {
		expect(compileNamespaces({ ociVersion: '1.1.0' }, ROOT)).toMatchObject({ cloneFlags: 0, enter: [], join: [] });
	});

	it('joins a namespace with a path in the place of its field, and does not make it', () => {
		const plan = compileListed([
			{ type: 'mount' },
			{ type: 'network', path: '/proc/7/ns/net' },
			{ type: 'uts', path: '/u' },
			{ type: 'pid', path: '/p' },
		]);
		expect(plan.cloneFlags).toBe(CLONE.NEWNS);
		expect([plan.isNew('mount'), plan.isNew('network'), plan.isOther('network')]).toEqual([true, false, true]);
		expect(plan.enter).toMatchObject([
			{ op: 'setns', path: '/proc/7/ns/net', type: CLONE.NEWNET, from: '/linux/namespaces/1' },
			{ op: 'setns', path: '/u', type: CLONE.NEWUTS, from: '/linux/namespaces/2' },
		]);
		expect(plan.join).toMatchObject([{ op: 'setns', path: '/p', type: CLONE.NEWPID, from: '/linux/namespaces/3' }]);
	});

	it.each<[SpecNamespaceType, string | undefined]>([
		['pid', '/p'],
		['time', '/t'],
		['time', undefined],
	])('starts later children in the %s namespace of the host again', (type, path) => {
		const plan = compileListed([{ type: 'mount' }, { type, ...(path === undefined ? {} : { path }) }]);
		expect(plan.return).toMatchObject([{ op: 'setns', path: `/proc/self/ns/${type}` }]);
	});

	it('enters a user namespace last of those it joins, and makes the others in it, so that its root owns them', () => {
		const plan = compileListed([
			{ type: 'mount' },
			{ type: 'user', path: '/user' },
			{ type: 'network', path: '/net' },
			{ type: 'pid' },
			{ type: 'cgroup' },
			{ type: 'time', path: '/time' },
		]);
		expect(plan).toMatchObject({ cloneFlags: 0, join: [], return: [], idMaps: [], isReborn: true });
		expect(callsOf(plan.enter)).toEqual([
			'setns("/net", CLONE_NEWNET)',
			'setns("/time", CLONE_NEWTIME)',
			'setns("/user", CLONE_NEWUSER)',
			'unshare(CLONE_NEWNS|CLONE_NEWCGROUP|CLONE_NEWPID)',
			'fork_init()',
		]);
	});

	it('joins before it makes a user namespace, whose root has no privileges over what others own', () => {
		const mappings = [{ containerID: 0, hostID: 1000, size: 10 }];
		const plan = compileListed(
			[{ type: 'user' }, { type: 'mount' }, { type: 'network', path: '/net' }, { type: 'pid', path: '/pid' }],
			{ uidMappings: mappings, gidMappings: mappings },
		);
		expect(plan).toMatchObject({ cloneFlags: 0, join: [], return: [], isReborn: true });
		expect(callsOf(plan.enter)).toEqual([
			'setns("/net", CLONE_NEWNET)',
			'setns("/pid", CLONE_NEWPID)',
			'unshare(CLONE_NEWUSER)',
			'turn()',
			'unshare(CLONE_NEWNS)',
			'fork_init()',
		]);
		expect(plan.idMaps.map(({ op }) => op)).toEqual(['turn', 'writeInit', 'writeInit']);
	});
});
