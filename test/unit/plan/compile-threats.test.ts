import { describe, expect, it } from 'vitest';
import { PR, RESOLVE_NO_SYMLINKS } from '../../../src/plan/linux-constants.ts';
import { IMAGE } from '../spec/spec-input-fixture.ts';
import {
	allSteps,
	bigints,
	CASES,
	DIRECTORY,
	isOp,
	isPrctl,
	only,
	planOf,
	positions,
	stepsOf,
} from './plan-fixture.ts';

describe('what a plan alone proves', () => {
	const inits = Object.entries(CASES).map(([name, what]) => [name, planOf(what).init] as const);

	it.each(inits)('no capability is inheritable or ambient: %s (CVE-2022-24769, CVE-2016-8867)', (_, init) => {
		expect(stepsOf(init, 'capset').map(({ inheritable }) => inheritable)).toEqual([0n]);
		expect(stepsOf(init, 'raiseAmbient')).toEqual([]);
	});

	it.each(inits)('no step that takes privileges away may fail: %s (CVE-2020-5291)', (_, init) => {
		const drops = init.filter(
			isOp(
				'dropBounding',
				'setgroups',
				'setresgid',
				'setresuid',
				'capset',
				'prctl',
				'seccomp',
				'closeRange',
				'setsid',
				'pivotRoot',
				'unshare',
			),
		);
		expect(drops.length).toBeGreaterThan(8);
		expect(drops.filter(({ tolerate }) => tolerate !== undefined)).toEqual([]);
	});

	it.each(inits)('leaves the session of the caller before it touches a stream: %s (CVE-2017-5226)', (_, init) => {
		const session = only(init, isOp('setsid'));
		for (const index of positions(init, isOp('standardStream', 'controllingTerminal')))
			expect(index).toBeGreaterThan(session);
	});

	it('proc and sysfs refuse to be mounted on a symbolic link, /proc before any other mount (CVE-2023-27561, CVE-2025-54867)', () => {
		for (const [, init] of inits) {
			const mounts = stepsOf(init, 'mountInRoot');
			expect(mounts[0]).toMatchObject({ type: 'proc', target: '/proc' });
			const kernels = mounts.filter(({ type }) => type === 'proc' || type === 'sysfs');
			expect(kernels.every(({ resolve }) => (BigInt(resolve) & BigInt(RESOLVE_NO_SYMLINKS)) !== 0n)).toBe(true);
		}
	});

	it('init cannot be traced by who is in the pid namespace that it joins (CVE-2016-9962)', () => {
		const isUndumpable = isPrctl(PR.SET_DUMPABLE);
		const joined = planOf(CASES.joined).init;
		expect(joined[1]).toMatchObject({ option: PR.SET_DUMPABLE, arg2: 0 });
		expect(joined.slice(2).some(isUndumpable)).toBe(false);
		expect(planOf().init.some(isUndumpable)).toBe(false);
	});

	it('a sysctl is written to a proc of tsrun’s own, which is opened right before (CVE-2025-52881)', () => {
		const { init } = planOf(CASES.sysctl);
		const open = only(init, isOp('openProc'));
		const writes = positions(init, isOp('writeProc'));
		expect(writes).toEqual(writes.map((_, index) => open + 1 + index));
		expect(stepsOf(init, 'writeProc').map(({ path, data }) => `${path} ${data}`)).toEqual(
			expect.arrayContaining(['sys/net/core/somaxconn 1024', 'sys/kernel/msgmax 8192']),
		);
	});

	it('the files of the image reach a volume only by names below the root (CVE-2022-23648)', () => {
		const source = `${DIRECTORY}/volumes/0`;
		const { init } = planOf({
			specRest: {
				image: { ...IMAGE, volumes: ['/data/../../etc'] },
				volumes: { '/etc': { path: source, readonly: false } },
			},
		});
		expect(stepsOf(init, 'mountInRoot').filter(step => step.source === source)).toMatchObject([{ target: '/etc' }]);
		expect(stepsOf(init, 'mount').filter(step => JSON.stringify(step).includes('volumes'))).toEqual([]);
	});

	it('the environment of the image reaches the program and no step before it (CVE-2025-23266, CVE-2021-21334)', () => {
		const env = ['LD_PRELOAD=/evil.so', 'NODE_OPTIONS=--require=/evil', 'PATH=/evil'];
		const plan = planOf({ specRest: { image: { ...IMAGE, env } } });
		const naming = allSteps(plan).filter(step => JSON.stringify(step, bigints).includes('evil'));
		expect(naming.map(({ op }) => op)).toEqual(['exec']);
		expect(stepsOf(plan.init, 'exec')[0]?.env).toEqual([
			...env.slice(2),
			'HOSTNAME=0123456789ab',
			...env.slice(0, 2),
			'HOME=/root',
		]);
	});

	it('labels of the image change no step (CVE-2026-53488)', () => {
		const labels = { 'org.tsrun.init': 'true', 'io.containerd.log': 'binary:///x' };
		expect(planOf({ specRest: { image: { ...IMAGE, labels } } })).toEqual(planOf());
	});
});
