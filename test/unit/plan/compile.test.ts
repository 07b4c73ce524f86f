import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { errnoName } from '../../../src/core/errno.ts';
import { describeStep } from '../../../src/explain/describe-step.ts';
import type { RuntimeSpec } from '../../../src/oci/runtime-spec.ts';
import { compilePlan } from '../../../src/plan/compile.ts';
import { CLONE, MS, PR, SIGKILL } from '../../../src/plan/linux-constants.ts';
import { OPS } from '../../../src/plan/op-table.ts';
import { type Plan, STEP_LISTS, type Step } from '../../../src/plan/step.ts';
import { ID } from '../spec/spec-input-fixture.ts';
import { UNIFIED } from './cgroup/hosts.ts';
import {
	allSteps,
	bigints,
	CASES,
	DIRECTORY,
	isOp,
	isPrctl,
	only,
	planInput,
	planOf,
	positions,
	REMOVED,
	stepsOf,
} from './plan-fixture.ts';

const KINDS = Object.entries(CASES).map(([name, what]) => ({ name, input: planInput(what), plan: planOf(what) }));

/** One line for each step: the call and the errnos it accepts. */
function lineOf(step: Step): string {
	const tolerated = step.tolerate === undefined ? '' : `  or ${step.tolerate.map(errnoName).join(' ')}`;
	return `  ${describeStep(step)}${tolerated}`;
}

function textOf(plan: Plan): string {
	const lists = STEP_LISTS.map(list => `${list}\n${plan[list].map(step => `${lineOf(step)}\n`).join('')}`);
	return lists.join('\n').replaceAll(ID, '<id>');
}

describe('a golden plan', () => {
	it.each(KINDS)('is as written down: $name', ({ name, plan }) => {
		const path = join(import.meta.dirname, 'golden', `${name}.golden.txt`);
		if (process.env.UPDATE_GOLDEN === '1') writeFileSync(path, textOf(plan));
		expect(textOf(plan)).toBe(readFileSync(path, 'utf8'));
	});
});

describe.each(KINDS)('the plan of $name', ({ input, plan: { setup, init, teardown, cloneFlags } }) => {
	const pivot = only(init, isOp('pivotRoot'));
	const after = init.slice(pivot + 1);

	it('clones once, hands over to init for each source it may not reach and then for good, and supervises last', () => {
		const clone = only(setup, isOp('clone', 'clone3'));
		expect((setup[clone] as { flags?: number }).flags).toBe(cloneFlags);
		const turns = positions(setup, isOp('turn'));
		expect(clone).toBeLessThan(turns[0] ?? -1);
		expect(turns).toHaveLength(stepsOf(setup, 'sendSource').length + 1);
		expect(setup.at(-1)?.op).toBe('supervise');
		expect(positions(init, isOp('turn'))).toHaveLength(turns.length - 1);
		expect(only(init, isOp('exec'))).toBe(init.length - 1);
	});

	it('has init in the cgroup of every hierarchy before it makes its cgroup namespace (CVE-2025-47291)', () => {
		const { unified, hierarchies } = input.facts.cgroup;
		const wanted = [unified, ...hierarchies].flatMap(mount =>
			mount === undefined ? [] : [`${mount.mountpoint}/tsrun/${ID}`],
		);
		const clone = setup.find(isOp('clone', 'clone3'));
		const born = clone?.op === 'clone3' && clone.cgroup !== '' ? [clone.cgroup] : [];
		const unshare = only(init, step => step.op === 'unshare' && (Number(step.flags) & CLONE.NEWCGROUP) !== 0);
		const entered = stepsOf(init.slice(0, unshare), 'write').map(({ path, data }) => {
			expect(data).toBe('0');
			return path.replace(/\/tasks$/, '');
		});
		expect([...born, ...stepsOf(setup, 'attachInit').map(({ path }) => path), ...entered].sort()).toEqual(
			wanted.sort(),
		);
	});

	it('cuts the propagation of mounts to the host before it mounts anything', () => {
		const first = init.find(isOp('mount', 'mountInRoot', 'mountSetattr'));
		expect(first).toMatchObject({ op: 'mount', source: '', target: '/', type: '' });
		const propagation = input.spec.linux?.rootfsPropagation === 'shared' ? MS.SHARED : MS.SLAVE;
		expect(first).toMatchObject({ flags: propagation | MS.REC });
	});

	it('resolves every path of the image below the held root, and never by a path of the host', () => {
		const open = only(init, isOp('openRoot'));
		const inRoot = positions(init, step => /InRoot$|^mountSetattr$/.test(step.op));
		expect(Math.min(...inRoot)).toBeGreaterThan(open);
		expect(Math.max(...inRoot)).toBeLessThan(pivot);
		expect(positions(init.slice(open), isOp('mount', 'write', 'mkdir', 'chown', 'unlinkLink'))).toEqual(
			positions(init.slice(open), step => step.op === 'mount' && init.indexOf(step) > pivot && step.target === '/'),
		);
	});

	it('names no path of the host after the root was pivoted', () => {
		const hostPaths = [DIRECTORY, '/var/lib/tsrun', '/run/tsrun', '/bundle', '/sys/fs/cgroup', '/proc/7'];
		const named = after.filter(step => hostPaths.some(path => JSON.stringify(step, bigints).includes(path)));
		expect(named).toEqual([]);
		const withPaths = after
			.filter(step => Object.values<string>(OPS[step.op].args).includes('str'))
			.map(({ op }) => op);
		const expected = ['mount', 'sethostname', 'setdomainname', 'standardStream', 'sessionKeyring', 'chdir'];
		expect(withPaths.filter(op => !expected.includes(op))).toEqual([]);
	});

	it('closes the descriptors of the host, then changes directory, then runs the program (CVE-2024-21626)', () => {
		const close = only(init, isOp('closeRange'));
		expect(init[close]).toMatchObject({ flags: 0 });
		const chdir = positions(init, isOp('chdir')).filter(index => index > pivot);
		expect(chdir).toHaveLength(1);
		expect(close).toBeLessThan(chdir[0] ?? -1);
		expect(
			init.slice(close).filter(isOp('openSource', 'openRoot', 'openProc', 'openTerminal', 'standardStream')),
		).toEqual([]);
	});

	it('sets groups, then group, then user, then the capabilities (capset after setresuid)', () => {
		const order = after
			.map(({ op }) => op)
			.filter(op => ['dropBounding', 'setgroups', 'setresgid', 'setresuid', 'capset'].includes(op));
		expect(order).toEqual(['dropBounding', 'setgroups', 'setresgid', 'setresuid', 'capset']);
	});

	it('keeps capabilities only over the change of user', () => {
		const keep = positions(after, isPrctl(PR.SET_KEEPCAPS)).map(index => ({ index, step: after[index] }));
		expect(keep.map(({ step }) => (step as { arg2?: number }).arg2)).toEqual([1, 0]);
		const user = only(after, isOp('setresuid'));
		expect(keep[0]?.index).toBeLessThan(user);
		expect(keep[1]?.index).toBeGreaterThan(user);
	});

	it('sets the parent-death signal first of all and again after every change of user or capabilities', () => {
		const signals = positions(
			init,
			step => isPrctl(PR.SET_PDEATHSIG)(step) && (step as { arg2?: number }).arg2 === SIGKILL,
		);
		expect(signals[0]).toBe(0);
		const clearing = positions(init, isOp('setresuid', 'setresgid', 'capset'));
		for (const index of clearing) expect(Math.max(...signals)).toBeGreaterThan(index);
		for (const index of positions(init, isOp('setresuid'))) {
			const untilSignal = init.slice(
				index,
				signals.find(signal => signal > index),
			);
			expect(untilSignal.some(isOp('exec', 'mountInRoot'))).toBe(false);
		}
	});

	it('installs the seccomp filter late exactly when no-new-privileges lets it', () => {
		const seccomp = positions(after, isOp('seccomp'));
		expect(seccomp).toHaveLength(input.spec.linux?.seccomp === undefined ? 0 : 1);
		const noNewPrivileges = positions(after, isPrctl(PR.SET_NO_NEW_PRIVS));
		expect(noNewPrivileges).toHaveLength(input.spec.process?.noNewPrivileges === true ? 1 : 0);
		for (const index of seccomp) {
			const isLate = index > only(after, isOp('capset'));
			expect(isLate).toBe(noNewPrivileges.length === 1);
			if (isLate) expect(index).toBeGreaterThan(noNewPrivileges[0] ?? Number.POSITIVE_INFINITY);
		}
	});

	it('asks for the parent-death signal in each process that it becomes', () => {
		for (const fork of positions(init, isOp('forkInit'))) {
			expect(isPrctl(PR.SET_PDEATHSIG)(init[fork + 1] as Step)).toBe(true);
		}
	});

	it('points with every `from` at a field that is in the configuration', () => {
		const dangling = allSteps({ version: 1, cloneFlags, setup, init, teardown })
			.filter(({ from }) => from !== undefined && !resolves(input.spec, from))
			.map(step => `${step.op} ${step.from}`);
		expect(dangling).toEqual([]);
	});

	it('gives every step a reason and at most four errnos to accept', () => {
		for (const step of [...setup, ...init, ...teardown]) {
			expect(step.why).not.toBe('');
			expect(step.tolerate?.length ?? 0).toBeLessThanOrEqual(4);
			expect(step.why).not.toMatch(/undefined|NaN|\[object/);
			expect(describeStep(step)).not.toMatch(/undefined|NaN|\[object/);
		}
	});

	it('tears down with steps that may all be done twice', () => {
		expect(teardown.length).toBeGreaterThan(0);
		const once = teardown.filter(step => !(step.tolerate ?? []).includes(2));
		expect(once).toEqual([]);
	});

	it('kills before it removes, and removes its own state last', () => {
		const kills = positions(
			teardown,
			step => step.op === 'killCgroup' || (step.op === 'write' && step.path.endsWith('/cgroup.kill')),
		);
		expect(kills.length).toBeGreaterThan(0);
		const removals = positions(teardown, isOp('removeCgroup', 'umount', 'removeTree', 'unlinkLink'));
		expect(Math.max(...kills)).toBeLessThan(Math.min(...removals));
		const { stateDir } = input.container.remove;
		if (stateDir !== undefined) expect(teardown.at(-1)).toMatchObject({ op: 'removeTree', path: stateDir });
	});

	it('is the same plan for the same input, which it does not touch', () => {
		const frozen = deepFreeze(structuredClone(input));
		expect(compilePlan(frozen)).toEqual(compilePlan(frozen));
		expect(compilePlan(frozen)).toEqual({ version: 1, cloneFlags, setup, init, teardown });
	});
});

/** RFC 6901. */
function resolves(spec: RuntimeSpec, pointer: string): boolean {
	if (!pointer.startsWith('/')) return false;
	let value: unknown = spec;
	for (const part of pointer.slice(1).split('/')) {
		const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
		if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return false;
		value = (value as Readonly<Record<string, unknown>>)[key];
	}
	return value !== undefined;
}

function deepFreeze<T>(value: T): T {
	if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || Object.isFrozen(value)) return value;
	for (const part of Object.values(value)) deepFreeze(part);
	return Object.freeze(value);
}

describe('compilePlan', () => {
	it('chroots instead of pivoting only where it is asked to', () => {
		const ops = planOf({ options: { noPivot: true } }).init.map(({ op }) => op);
		expect([ops.includes('moveRoot'), ops.includes('pivotRoot')]).toEqual([true, false]);
	});

	it('takes the cgroup of the container’s id where the configuration names none', () => {
		const change = (spec: RuntimeSpec): RuntimeSpec => {
			const { cgroupsPath, ...linux } = spec.linux ?? {};
			return { ...spec, linux };
		};
		expect(stepsOf(planOf({ facts: UNIFIED, change }).setup, 'mkdir').at(-1)?.path).toBe(`/sys/fs/cgroup/tsrun/${ID}`);
	});

	it('escapes the names of sysctls in the pointers to them (RFC 6901)', () => {
		const change = (spec: RuntimeSpec): RuntimeSpec => ({
			...spec,
			linux: { ...spec.linux, sysctl: { 'net.a/b~c': '1' } },
		});
		expect(stepsOf(planOf({ change }).init, 'writeProc')).toMatchObject([{ from: '/linux/sysctl/net.a~1b~0c' }]);
	});

	it('clones with clone(2), and moves init by its pid, where clone3 does not work', () => {
		const facts = { ...UNIFIED, syscalls: { ...UNIFIED.syscalls, clone3: false } };
		const { setup } = planOf({ facts });
		expect(stepsOf(setup, 'clone')).toHaveLength(1);
		expect(stepsOf(setup, 'clone3')).toEqual([]);
		expect(stepsOf(setup, 'attachInit')).toMatchObject([{ path: `/sys/fs/cgroup/tsrun/${ID}` }]);
	});

	it('runs the asked program as a child of its reaper, after every step that takes privileges away', () => {
		expect(
			planOf(CASES.reaper)
				.init.slice(-2)
				.map(({ op }) => op),
		).toEqual(['reap', 'exec']);
	});

	it('refuses a capability that tsrun does not hold, but in a user namespace of its own gives it', () => {
		const facts = { ...UNIFIED, capabilities: UNIFIED.capabilities & ~1n };
		expect(() => planOf({ facts })).toThrow(expect.objectContaining({ code: 'TSRUN_CAPABILITY_NOT_HELD' }));
		const userNamespace = {
			options: { userns: { kind: 'private' } as const },
			specRest: { idRange: { first: 100_000, size: 65_536 } },
		};
		expect(stepsOf(planOf({ ...userNamespace, facts }).init, 'capset')).toHaveLength(1);
	});

	it('removes trees, then names, then the state, and only what it was told', () => {
		const removals = (plan: Plan) =>
			plan.teardown.flatMap(step => (step.op === 'removeTree' || step.op === 'unlinkLink' ? [step.path] : []));
		expect(removals(planOf({ container: { remove: REMOVED } }))).toEqual([
			DIRECTORY,
			'/run/tsrun/names/web',
			`/run/tsrun/${ID}`,
		]);
		expect(removals(planOf())).toEqual([]);
	});
});
