import { describe, expect, it } from 'vitest';
import { describeStep } from '../../../../src/explain/describe-step.ts';
import { compileCgroup } from '../../../../src/plan/cgroup/compile-cgroup.ts';
import { onlyOwn } from '../../../../src/plan/cgroup/only-own.ts';
import { enterScopeSteps, isLegacy, scopePlace } from '../../../../src/plan/cgroup/scope-steps.ts';
import type { HostFacts } from '../../../../src/plan/host-facts.ts';
import type { Step } from '../../../../src/plan/step.ts';
import { HYBRID, LEGACY, UNIFIED } from './hosts.ts';

const SCOPE = '/system.slice/runc-web.scope';
const ALL = [{ allow: true, access: 'rwm' }];

function compile(facts: HostFacts, limit: number) {
	const spec = { ociVersion: '1.2.0', linux: { resources: { pids: { limit }, devices: ALL } } };
	return compileCgroup({ spec, facts, cgroupsPath: SCOPE, ofBundle: true, inScope: true });
}
const lines = (steps: readonly Step[]) =>
	steps.map(step => describeStep(step).replaceAll(`/sys/fs/cgroup${SCOPE}`, '~'));

describe('a cgroup that systemd has made', () => {
	it('is there, with the process in the place of init', () => {
		const made = compile(UNIFIED, 20).create.filter(step => 'path' in step && step.path.includes('runc-web'));
		expect(lines(made)).toEqual(['mkdir("~", 0755)', 'write("~/pids.max", "20")']);
		expect(made[0]).toMatchObject({ tolerate: [17] });
	});

	it('is settled when that process has gone', () => {
		expect(lines(compile(UNIFIED, 20).settle)).toEqual([
			'kill_cgroup("~/tsrun-place", 10000)',
			'remove_cgroup("~/tsrun-place", 10000)',
		]);
	});

	it('has room for it where the container may have one process', () => {
		const { create, settle } = compile(UNIFIED, 1);
		expect(lines(create).at(-1)).toBe('write("~/pids.max", "2")');
		expect(lines(settle).at(-1)).toBe('write("~/pids.max", "1")');
	});

	it('is ended and removed only when setup has come to it', () => {
		const { create, kill, remove } = compile(LEGACY, 20);
		for (const step of onlyOwn([...kill, ...remove], create, true)) expect(step.after).toBeGreaterThan(0);
	});
});

describe('the process in the place of init', () => {
	it.each([
		['unified', UNIFIED, `/sys/fs/cgroup${SCOPE}/tsrun-place`],
		['hybrid', HYBRID, `/sys/fs/cgroup/unified${SCOPE}/tsrun-place`],
		['legacy', LEGACY, `/sys/fs/cgroup/systemd${SCOPE}/tsrun-place`],
	])('stands in the hierarchy by which systemd counts: %s', (_, facts, place) => {
		expect(scopePlace(compile(facts, 20).paths as Readonly<Record<string, string>>)).toBe(place);
	});

	it('goes when init is there: on v1 the supervisor puts it in before', () => {
		const paths = (facts: HostFacts) => compile(facts, 20).paths as Readonly<Record<string, string>>;
		expect(enterScopeSteps(paths(UNIFIED), false)).toEqual([]);
		expect(enterScopeSteps(paths(HYBRID), false)).toEqual([]);
		expect(enterScopeSteps(paths(LEGACY), true)).toEqual([]);
		expect(enterScopeSteps(paths(LEGACY), false)).toMatchObject([
			{ op: 'attachInit', path: `/sys/fs/cgroup/systemd${SCOPE}` },
		]);
	});
});

describe('isLegacy', () => {
	it('is where systemd keeps limits in v1', () => {
		expect([UNIFIED, HYBRID, LEGACY].map(({ cgroup }) => isLegacy(cgroup))).toEqual([false, true, true]);
	});
});
