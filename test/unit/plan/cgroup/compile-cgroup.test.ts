import { describe, expect, it } from 'vitest';
import { describeStep } from '../../../../src/explain/describe-step.ts';
import type { Resources } from '../../../../src/oci/runtime-spec.ts';
import { type CgroupPlan, compileCgroup } from '../../../../src/plan/cgroup/compile-cgroup.ts';
import type { HostFacts } from '../../../../src/plan/host-facts.ts';
import type { Step } from '../../../../src/plan/step.ts';
import { HYBRID, hierarchy, LEGACY, UNIFIED, withCgroup } from './hosts.ts';

const MIB = 1024 ** 2;
const LIMITS: Resources = {
	memory: { limit: 64 * MIB, swap: 128 * MIB },
	cpu: { quota: 50_000, period: 100_000, cpus: '0-1' },
	pids: { limit: 100 },
	devices: [{ allow: true, access: 'rwm' }],
};

function compile(resources: Resources, facts: HostFacts, cgroupsPath = '/tsrun/web'): CgroupPlan {
	return compileCgroup({ spec: { ociVersion: '1.2.0', linux: { resources } }, facts, cgroupsPath, ofBundle: false });
}

function compileBundle(resources: Resources, facts: HostFacts): CgroupPlan {
	const spec = { ociVersion: '1.2.0', linux: { resources } };
	return compileCgroup({ spec, facts, cgroupsPath: '/tsrun/web', ofBundle: true });
}

/** One line for each step: the call, shortened by the common mount, and the errnos it accepts. */
function lines(steps: readonly Step[]): readonly string[] {
	return steps.map(
		step =>
			`${describeStep(step).replaceAll('/sys/fs/cgroup', '~')}${step.tolerate === undefined ? '' : ` or ${step.tolerate.join(' ')}`}`,
	);
}
const withoutDevices = (steps: readonly Step[]): readonly Step[] =>
	steps.filter(step => step.op !== 'attachDeviceProgram' && !(step.op === 'write' && step.path.includes('/devices.')));

describe('compileCgroup on cgroup2', () => {
	const plan = compile(LIMITS, UNIFIED);

	it('enables the controllers from the top down, then makes the cgroup and writes its limits', () => {
		expect(lines(plan.create)).toEqual([
			'write("~/cgroup.subtree_control", "+cpuset +cpu +memory +pids")',
			'mkdir("~/tsrun", 0755) or 17',
			'write("~/tsrun/cgroup.subtree_control", "+cpuset +cpu +memory +pids")',
			'mkdir("~/tsrun/web", 0755)',
			'write("~/tsrun/web/cpuset.cpus", "0-1")',
			'write("~/tsrun/web/cpu.max", "50000 100000")',
			'write("~/tsrun/web/memory.swap.max", "67108864") or 2',
			'write("~/tsrun/web/memory.max", "67108864")',
			'write("~/tsrun/web/pids.max", "100")',
		]);
	});

	it('puts init in, kills at once, tells of the limit and removes', () => {
		expect(plan.paths).toEqual({ unified: '/sys/fs/cgroup/tsrun/web' });
		expect(lines(plan.attach)).toEqual(['attach_init("~/tsrun/web")']);
		expect(lines(plan.kill)).toEqual(['write("~/tsrun/web/cgroup.kill", "1") or 2 19']);
		expect(lines(plan.notices)).toEqual([
			'notice_if_grown("~/tsrun/web/memory.events", "oom_kill", "tsrun: the kernel killed a process of the container at its memory limit of 64 MiB (--memory)\\n") or 2 19',
		]);
		expect(lines(plan.remove)).toEqual(['remove_cgroup("~/tsrun/web", 10000) or 2 19']);
	});

	it('enables nothing and writes nothing where nothing is asked', () => {
		const bare = compile({ devices: [{ allow: true, access: 'rwm' }] }, UNIFIED);
		expect(lines(bare.create)).toEqual(['mkdir("~/tsrun", 0755) or 17', 'mkdir("~/tsrun/web", 0755)']);
		expect(bare.notices).toEqual([]);
	});

	it('freezes before it kills one by one, where cgroup.kill is missing', () => {
		const old = withCgroup(UNIFIED, { unified: { mountpoint: '/sys/fs/cgroup', controllers: [], hasKill: false } });
		expect(lines(compile({}, old).kill)).toEqual([
			'write("~/tsrun/web/cgroup.freeze", "1") or 2 19',
			'kill_cgroup("~/tsrun/web", 10000) or 2 19',
		]);
	});

	it('attaches a device program, and none to a container that may use every device', () => {
		const last = compile({}, UNIFIED).create.at(-1);
		expect(last).toMatchObject({
			op: 'attachDeviceProgram',
			cgroup: '/sys/fs/cgroup/tsrun/web',
			from: '/linux/resources/devices',
		});
		expect(plan.create.some(step => step.op === 'attachDeviceProgram')).toBe(false);
	});

	it('refuses what cannot be enabled while processes sit in the container’s own root', () => {
		const nested = withCgroup(UNIFIED, {
			unified: { mountpoint: '/sys/fs/cgroup', controllers: ['memory', 'pids'], hasKill: true, enabled: ['pids'] },
		});
		expect(lines(withoutDevices(compile({ pids: { limit: 5 } }, nested).create))).toContain(
			'write("~/tsrun/web/pids.max", "5")',
		);
		expect(() => compile({ memory: { limit: MIB } }, nested)).toThrow(
			expect.objectContaining({
				code: 'TSRUN_CGROUP_BUSY',
				message: expect.stringContaining('(--memory) needs the cgroup controller memory'),
			}),
		);
	});
});

describe('compileCgroup on v1', () => {
	const plan = compile(LIMITS, LEGACY);

	it('makes a cgroup in every hierarchy, fills each new cpuset, and writes memory before memory and swap', () => {
		expect(lines(withoutDevices(plan.create))).toEqual([
			'mkdir("~/systemd/tsrun", 0755) or 17',
			'mkdir("~/systemd/tsrun/web", 0755)',
			'mkdir("~/cpu,cpuacct/tsrun", 0755) or 17',
			'mkdir("~/cpu,cpuacct/tsrun/web", 0755)',
			'mkdir("~/cpuset/tsrun", 0755) or 17',
			'write("~/cpuset/tsrun/cpuset.cpus", "0-3")',
			'write("~/cpuset/tsrun/cpuset.mems", "0")',
			'mkdir("~/cpuset/tsrun/web", 0755)',
			'write("~/cpuset/tsrun/web/cpuset.mems", "0")',
			'mkdir("~/memory/tsrun", 0755) or 17',
			'mkdir("~/memory/tsrun/web", 0755)',
			'mkdir("~/devices/tsrun", 0755) or 17',
			'mkdir("~/devices/tsrun/web", 0755)',
			'mkdir("~/freezer/tsrun", 0755) or 17',
			'mkdir("~/freezer/tsrun/web", 0755)',
			'mkdir("~/pids/tsrun", 0755) or 17',
			'mkdir("~/pids/tsrun/web", 0755)',
			'mkdir("~/blkio/tsrun", 0755) or 17',
			'mkdir("~/blkio/tsrun/web", 0755)',
			'write("~/cpuset/tsrun/web/cpuset.cpus", "0-1")',
			'write("~/cpu,cpuacct/tsrun/web/cpu.cfs_period_us", "100000")',
			'write("~/cpu,cpuacct/tsrun/web/cpu.cfs_quota_us", "50000")',
			'write("~/memory/tsrun/web/memory.limit_in_bytes", "67108864")',
			'write("~/memory/tsrun/web/memory.memsw.limit_in_bytes", "134217728") or 2',
			'write("~/pids/tsrun/web/pids.max", "100")',
		]);
	});

	it('joins and removes each hierarchy once, also where controllers share it', () => {
		const directories = ['systemd', 'cpu,cpuacct', 'cpuset', 'memory', 'devices', 'freezer', 'pids', 'blkio'];
		expect(lines(plan.attach)).toEqual(directories.map(name => `attach_init("~/${name}/tsrun/web")`));
		expect(lines(plan.remove)).toEqual(directories.map(name => `remove_cgroup("~/${name}/tsrun/web", 10000) or 2 19`));
		expect(plan.paths.cpu).toBe('/sys/fs/cgroup/cpu,cpuacct/tsrun/web');
		expect(plan.paths.cpuacct).toBe(plan.paths.cpu);
		expect(plan.paths['name=systemd']).toBe('/sys/fs/cgroup/systemd/tsrun/web');
		expect(plan.paths.unified).toBeUndefined();
	});

	it('kills the frozen, and thaws them so that they die', () => {
		expect(lines(plan.kill)).toEqual([
			'write("~/freezer/tsrun/web/freezer.state", "FROZEN") or 2 19',
			'kill_cgroup("~/freezer/tsrun/web", 0) or 2 19 110',
			'write("~/freezer/tsrun/web/freezer.state", "THAWED") or 2 19',
			'kill_cgroup("~/freezer/tsrun/web", 10000) or 2 19',
		]);
	});

	it('kills through another hierarchy where there is no freezer', () => {
		const facts = withCgroup(LEGACY, { hierarchies: [hierarchy('memory'), hierarchy('devices')] });
		expect(lines(compile({}, facts).kill)).toEqual(['kill_cgroup("~/memory/tsrun/web", 10000) or 2 19']);
	});

	it('reads the counter of v1', () => {
		expect(plan.notices[0]).toMatchObject({
			path: '/sys/fs/cgroup/memory/tsrun/web/memory.oom_control',
			key: 'oom_kill',
		});
	});

	it('does not touch the cpuset of an ancestor that is filled', () => {
		const facts = withCgroup(LEGACY, { cpuset: { path: '/tsrun', cpus: '2-3', mems: '0' } });
		const cpusets = lines(compile({}, facts).create).filter(line => line.includes('cpuset.'));
		expect(cpusets).toEqual([
			'write("~/cpuset/tsrun/web/cpuset.cpus", "2-3")',
			'write("~/cpuset/tsrun/web/cpuset.mems", "0")',
		]);
	});

	it('makes limits hold below on kernels before 5.11', () => {
		const facts = { ...LEGACY, kernel: { release: '5.10.0', major: 5, minor: 10 } };
		const lists = [compile({}, facts), compile({}, facts, '/top')].map(({ create }) =>
			lines(create).filter(line => line.includes('use_hierarchy')),
		);
		expect(lists).toEqual([
			['write("~/memory/tsrun/memory.use_hierarchy", "1") or 2 16 22'],
			['write("~/memory/top/memory.use_hierarchy", "1") or 2 16 22'],
		]);
		expect(lines(plan.create).join()).not.toContain('use_hierarchy');
	});

	it('refuses a host where devices cannot be held back', () => {
		const facts = withCgroup(LEGACY, { hierarchies: [hierarchy('memory')] });
		expect(() => compile({}, facts)).toThrow(/controller devices/);
	});
});

describe('compileCgroup for a user who may make no cgroups', () => {
	const facts: HostFacts = { ...LEGACY, cgroup: { mode: 'denied', hierarchies: [] } };

	it('makes none, and leaves device rules to the rights of the user', () => {
		const { paths, ...steps } = compile({ devices: [{ allow: false, access: 'rwm' }] }, facts);
		expect(paths).toEqual({});
		expect(Object.values(steps).flat()).toEqual([]);
	});

	it('refuses a limit', () => {
		expect(() => compile({ pids: { limit: 5 } }, facts)).toThrow(
			expect.objectContaining({ hint: expect.stringContaining('this user may make no cgroup') }),
		);
	});
});

describe('compileCgroup on a hybrid host', () => {
	const plan = compile({ ...LIMITS, hugepageLimits: [{ pageSize: '2MB', limit: 2 * MIB }] }, HYBRID);

	it('makes the cgroup2 directory as well, and enables there only what only cgroup2 has', () => {
		expect(lines(plan.create).slice(0, 4)).toEqual([
			'write("~/unified/cgroup.subtree_control", "+hugetlb")',
			'mkdir("~/unified/tsrun", 0755) or 17',
			'write("~/unified/tsrun/cgroup.subtree_control", "+hugetlb")',
			'mkdir("~/unified/tsrun/web", 0755)',
		]);
		expect(lines(plan.create)).toContain('write("~/memory/tsrun/web/memory.limit_in_bytes", "67108864")');
	});

	it('kills through cgroup2, joins and removes all', () => {
		expect(lines(plan.kill)).toEqual(['write("~/unified/tsrun/web/cgroup.kill", "1") or 2 19']);
		expect(lines(plan.attach)).toHaveLength(7);
		expect(lines(plan.remove)).toHaveLength(7);
		expect(plan.notices[0]).toMatchObject({ path: '/sys/fs/cgroup/memory/tsrun/web/memory.oom_control' });
	});

	it('holds devices back through v1', () => {
		const create = lines(compile({}, HYBRID).create);
		expect(create.filter(line => line.includes('devices.deny'))).toEqual([
			'write("~/devices/tsrun/web/devices.deny", "a")',
		]);
		expect(create).toContain('write("~/devices/tsrun/web/devices.allow", "c 1:3 rwm")');
	});
});

describe('compileCgroup', () => {
	it('notes for every step why it is there, what asked for it, and the phase', () => {
		for (const facts of [UNIFIED, LEGACY, HYBRID]) {
			const { create, attach, kill, notices, remove } = compile(LIMITS, facts);
			for (const step of [create, attach, kill, notices, remove].flat()) {
				expect(step.why).toMatch(/^\S.*\S$/);
				expect(step.from).toMatch(/^\/linux\//);
				expect(step.phase).toBe('cgroup');
			}
		}
	});

	it('refuses a read-only mount, a host without cgroups, and a path that climbs', () => {
		const readonly = withCgroup(LEGACY, { hierarchies: [{ ...hierarchy('memory'), writable: false }] });
		expect(() => compile({}, readonly)).toThrow(
			expect.objectContaining({
				code: 'TSRUN_CGROUP_READ_ONLY',
				message: 'cgroup mount /sys/fs/cgroup/memory is read-only',
			}),
		);
		const unified = withCgroup(UNIFIED, {
			unified: { mountpoint: '/sys/fs/cgroup', controllers: [], hasKill: true, writable: false },
		});
		expect(() => compile({}, unified)).toThrow(/\/sys\/fs\/cgroup is read-only/);
		expect(() => compile({}, withCgroup(LEGACY, { mode: 'none', hierarchies: [] }))).toThrow(
			expect.objectContaining({ code: 'TSRUN_NO_CGROUP' }),
		);
		expect(() => compile({}, UNIFIED, '/tsrun/../../x')).toThrow(
			expect.objectContaining({ code: 'TSRUN_BAD_CGROUPS_PATH' }),
		);
	});
});

describe('compileCgroup for a bundle', () => {
	const found = (processes: number, frozen: boolean): HostFacts =>
		withCgroup(UNIFIED, { found: [{ path: '/sys/fs/cgroup/tsrun/web', processes, frozen }] });

	it('takes a directory that is there, if it is empty, and enables every controller, those it does not need where it can', () => {
		expect(lines(compileBundle({ pids: { limit: 5 }, devices: [{ allow: true }] }, UNIFIED).create)).toEqual([
			'write("~/cgroup.subtree_control", "+pids")',
			...['cpuset', 'cpu', 'io', 'memory', 'hugetlb'].map(
				name => `write("~/cgroup.subtree_control", "+${name}") or 2 16 22 95`,
			),
			'mkdir("~/tsrun", 0755) or 17',
			'write("~/tsrun/cgroup.subtree_control", "+pids")',
			...['cpuset', 'cpu', 'io', 'memory', 'hugetlb'].map(
				name => `write("~/tsrun/cgroup.subtree_control", "+${name}") or 2 16 22 95`,
			),
			'mkdir("~/tsrun/web", 0755) or 17',
			'require_empty_cgroup("~/tsrun/web")',
			'write("~/tsrun/web/pids.max", "5")',
		]);
		expect(() => compileBundle({}, found(0, false))).not.toThrow();
	});

	it('looks into each hierarchy of v1 before it goes on to the next', () => {
		const own = lines(compileBundle({}, LEGACY).create).filter(
			line => line.includes('/tsrun/web", 0755)') || line.startsWith('require'),
		);
		expect(own.slice(0, 4)).toEqual([
			'mkdir("~/systemd/tsrun/web", 0755) or 17',
			'require_empty_cgroup("~/systemd/tsrun/web")',
			'mkdir("~/cpu,cpuacct/tsrun/web", 0755) or 17',
			'require_empty_cgroup("~/cpu,cpuacct/tsrun/web")',
		]);
	});

	it('refuses one where somebody lives, and one that is frozen, in the words of runc', () => {
		expect(() => compileBundle({}, found(2, false))).toThrow(
			expect.objectContaining({
				code: 'TSRUN_CGROUP_NOT_EMPTY',
				message: "container's cgroup is not empty: 2 process(es) found in /sys/fs/cgroup/tsrun/web",
			}),
		);
		expect(() => compileBundle({}, found(0, true))).toThrow(/^container's cgroup unexpectedly frozen/);
	});
});
