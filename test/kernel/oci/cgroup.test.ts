import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { bundleConfig, type Config, createBundle } from '../support/bundle.ts';
import { cgroupParent } from '../support/cgroup-parent.ts';
import { hierarchyOf } from '../support/container-cgroup.ts';
import { ociRuntime, writeConfig } from '../support/oci-runtime.ts';
import { PRIVATE_MOUNTS } from '../support/private-mounts.ts';
import { createSandbox } from '../support/run-tsrun.ts';

const sandbox = createSandbox();
const bundle = createBundle(sandbox);
const parent = cgroupParent('cgroups');
const runtime = ociRuntime('tsrun', sandbox);
afterEach(async () => {
	for (const id of ['one', 'two']) await runtime.run(['delete', '--force', id]);
});
afterAll(() => {
	parent.remove();
	sandbox.remove();
});

function configWith(linux: Config): Config {
	const config = bundleConfig('sleep', '1000');
	return { ...config, linux: { ...config.linux, ...linux } };
}
const create = (id: string, linux: Config) => {
	writeConfig(bundle, configWith(linux));
	return runtime.run(['create', '--bundle', bundle, id]);
};
const read = (directory: string, file: string): string => readFileSync(join(directory, file), 'utf8').trim();
const HIERARCHIES = new Set(
	readFileSync('/proc/self/mountinfo', 'utf8')
		.split('\n')
		.filter(line => / - cgroup2? /.test(line))
		.map(line => line.split(' ')[4]),
).size;

describe('the cgroup of a bundle', () => {
	it('is at its cgroupsPath in every hierarchy, with every controller of cgroup2, and gone with it', async () => {
		expect(await create('one', { cgroupsPath: `${parent.path}/one` })).toMatchObject({ exitCode: 0, stderr: '' });
		const directories = parent.directories('one');
		expect(directories).toHaveLength(HIERARCHIES);
		const { pid } = await runtime.state('one');
		for (const directory of directories) expect(read(directory, 'cgroup.procs')).toBe(String(pid));
		const offered = read(dirname(parent.unified), 'cgroup.controllers');
		expect(read(join(parent.unified, 'one'), 'cgroup.controllers')).toBe(offered);
		expect((await runtime.run(['delete', '--force', 'one'])).exitCode).toBe(0);
		expect(parent.directories('one')).toEqual([]);
	});

	it('may be there already, if nobody is in it', async () => {
		expect((await create('one', { cgroupsPath: `${parent.path}/one` })).exitCode).toBe(0);
		const directories = parent.directories('one');
		await runtime.must(['delete', '--force', 'one']);
		for (const directory of directories) mkdirSync(directory);
		expect(await create('two', { cgroupsPath: `${parent.path}/one` })).toMatchObject({ exitCode: 0 });
		await runtime.must(['delete', '--force', 'two']);
		expect(parent.directories('one')).toEqual([]);
	});

	it('is refused where another container lives, and that lives on', async () => {
		expect((await create('one', { cgroupsPath: `${parent.path}/one` })).exitCode).toBe(0);
		const { pid } = await runtime.state('one');
		const second = await create('two', { cgroupsPath: `${parent.path}/one` });
		expect([second.exitCode, second.stderr]).toEqual([
			1,
			expect.stringContaining("container's cgroup is not empty: 1 process(es) found"),
		]);
		expect((await runtime.run(['state', 'two'])).exitCode).toBe(1);
		expect(await runtime.state('one')).toMatchObject({ pid, status: 'created' });
		for (const directory of parent.directories('one')) expect(read(directory, 'cgroup.procs')).toBe(String(pid));
	});

	it('is refused where it is frozen', async () => {
		const directory = parent.of('freezer', 'cold');
		mkdirSync(directory, { recursive: true });
		const [file, frozen, thawed] = hierarchyOf('freezer').isV1
			? (['freezer.state', 'FROZEN', 'THAWED'] as const)
			: (['cgroup.freeze', '1', '0'] as const);
		writeFileSync(join(directory, file), frozen);
		const { exitCode, stderr } = await create('one', { cgroupsPath: `${parent.path}/cold` });
		expect([exitCode, stderr]).toEqual([1, expect.stringContaining("container's cgroup unexpectedly frozen")]);
		expect(existsSync(directory)).toBe(true);
		writeFileSync(join(directory, file), thawed);
	});

	it('is not made through systemd where that is not the init, which says so', async () => {
		writeConfig(bundle, configWith({ cgroupsPath: 'system.slice:tsrun:one' }));
		const hidden = '[ ! -d /run/systemd ] || mount -t tmpfs none /run/systemd; exec "$@"';
		const { exitCode, stderr } = await runtime.run(['--systemd-cgroup', 'create', '--bundle', bundle, 'one'], {
			wrapper: [...PRIVATE_MOUNTS, 'sh', '-c', hidden, 'sh'],
		});
		expect([exitCode, stderr]).toEqual([
			1,
			expect.stringContaining('systemd support for managing cgroups is not available'),
		]);
	});

	it.each(['', 'relative-to-the-mount'])('has a place where cgroupsPath is %j', async cgroupsPath => {
		expect((await create('one', { cgroupsPath })).exitCode).toBe(0);
		const { pid } = await runtime.state('one');
		const path = cgroupsPath === '' ? '/tsrun/one' : `/${cgroupsPath}`;
		for (const line of readFileSync(`/proc/${pid}/cgroup`, 'utf8').trim().split('\n')) {
			expect(line.split(':')[2]).toBe(path);
		}
	});

	it.each([
		['system.slice:tsrun:one', /is for the systemd cgroup driver/],
		['/a/../../b', /"\.\."/],
	])('is refused at %s', async (cgroupsPath, words) => {
		const { exitCode, stderr } = await create('one', { cgroupsPath });
		expect([exitCode, stderr]).toEqual([1, expect.stringMatching(words)]);
	});
});

describe('the cgroup of a container with a user namespace of its own', () => {
	const owned = async (mount: readonly string[]): Promise<readonly number[]> => {
		const config = configWith({ cgroupsPath: `${parent.path}/one` });
		const ids = [{ containerID: 0, hostID: 100_000, size: 65_536 }];
		writeConfig(bundle, {
			...config,
			mounts: [
				...config.mounts,
				{
					destination: '/sys/fs/cgroup',
					type: 'cgroup',
					source: 'cgroup',
					options: ['nosuid', 'noexec', 'nodev', ...mount],
				},
			],
			linux: {
				...config.linux,
				namespaces: [...config.linux.namespaces, { type: 'user' }, { type: 'cgroup' }],
				uidMappings: ids,
				gidMappings: ids,
			},
		});
		chmodSync(sandbox.dir, 0o711);
		await runtime.must(['create', '--bundle', bundle, 'one']);
		const directory = join(parent.unified, 'one');
		const uids = ['', 'cgroup.procs', 'pids.max'].flatMap(file =>
			existsSync(join(directory, file)) ? [statSync(join(directory, file)).uid] : [],
		);
		await runtime.must(['delete', '--force', 'one']);
		return uids;
	};

	it('is its own on cgroup2, where it may write to it, but for the limits', async () => {
		const isPure = hierarchyOf('pids').isV1 === false;
		expect(await owned(['rw'])).toEqual(isPure ? [100_000, 100_000, 0] : [0, 0]);
		expect(new Set(await owned(['ro']))).toEqual(new Set([0]));
	});
});

describe('linux.resources of a bundle', () => {
	const cgroupsPath = `${parent.path}/one`;
	const value = (controller: string, v1: string, v2: string): string => {
		const directory = parent.of(controller, 'one');
		const { isV1 } = hierarchyOf(controller);
		return read(directory, isV1 ? v1 : v2);
	};

	it('are in the files of the host', async () => {
		const resources = {
			memory: { limit: 64 * 1024 ** 2, swap: 96 * 1024 ** 2, kernel: 1, kernelTCP: 1, useHierarchy: true },
			cpu: { shares: 512, quota: 50_000, period: 100_000, burst: 20_000, cpus: '0', mems: '0' },
			pids: { limit: 50 },
			blockIO: {},
			network: {},
			rdma: {},
		};
		expect(await create('one', { cgroupsPath, resources })).toMatchObject({ exitCode: 0, stderr: '' });
		const { isV1 } = hierarchyOf('cpu');
		expect(value('memory', 'memory.limit_in_bytes', 'memory.max')).toBe('67108864');
		expect(value('memory', 'memory.memsw.limit_in_bytes', 'memory.swap.max')).toBe(
			hierarchyOf('memory').isV1 ? '100663296' : '33554432',
		);
		expect(value('cpu', 'cpu.shares', 'cpu.weight')).toBe(isV1 ? '512' : '59');
		expect(value('cpu', 'cpu.cfs_quota_us', 'cpu.max')).toBe(isV1 ? '50000' : '50000 100000');
		expect(value('cpu', 'cpu.cfs_burst_us', 'cpu.max.burst')).toBe('20000');
		expect(value('cpuset', 'cpuset.cpus', 'cpuset.cpus')).toBe('0');
		expect(value('pids', 'pids.max', 'pids.max')).toBe('50');
	});

	it('give a real-time budget where the cgroups above have one, and are refused where there is none to give', async () => {
		const above = join(parent.of('cpu'), 'cpu.rt_runtime_us');
		mkdirSync(dirname(above), { recursive: true });
		const resources = { cpu: { realtimeRuntime: 40_000, realtimePeriod: 500_000 } };
		if (hierarchyOf('cpu').isV1 && existsSync(above)) {
			const poor = await create('one', { cgroupsPath, resources });
			expect([poor.exitCode, poor.stderr]).toEqual([1, expect.stringContaining('real-time budget')]);
			writeFileSync(above, '500000');
			expect(await create('one', { cgroupsPath, resources })).toMatchObject({ exitCode: 0, stderr: '' });
			expect(value('cpu', 'cpu.rt_runtime_us', '')).toBe('40000');
			expect(value('cpu', 'cpu.rt_period_us', '')).toBe('500000');
			await runtime.must(['update', '--cpu-rt-period', '900001', '--cpu-rt-runtime', '60001', 'one']);
			expect(value('cpu', 'cpu.rt_runtime_us', '')).toBe('60001');
		} else {
			const { exitCode, stderr } = await create('one', { cgroupsPath, resources });
			expect([exitCode, stderr]).toEqual([1, expect.stringMatching(/realtimePeriod|CONFIG_RT_GROUP_SCHED/)]);
		}
	});

	it.each([
		['network', { network: { classID: 1_048_577 } }, 'net_cls'],
		['rdma', { rdma: { mlx5_1: { hcaHandles: 3 } } }, 'rdma'],
	])('are refused by name where the host has no controller: %s', async (_, resources, controller) => {
		const { exitCode, stderr } = await create('one', { cgroupsPath, resources });
		const offered = `${readFileSync('/proc/self/cgroup', 'utf8')}${read(dirname(parent.unified), 'cgroup.controllers')}`;
		const isOffered = new RegExp(`\\b${controller}\\b`).test(offered);
		if (isOffered) expect(stderr).toMatch(/no such device|invalid argument/);
		else expect(stderr).toContain(`needs the cgroup controller ${controller}, which this host does not offer`);
		expect(exitCode).toBe(1);
		expect(parent.directories('one')).toEqual([]);
	});

	it('say by name which field is for cgroup v1 alone, or for v2 alone', async () => {
		const { isV1 } = hierarchyOf('memory');
		const [resources, words] = isV1
			? ([{ unified: { 'memory.high': '1048576' } }, /invalid configuration: .*unified\/memory\.high/] as const)
			: ([{ memory: { swappiness: 10 } }, /memory\/swappiness has no counterpart in cgroup v2/] as const);
		const { exitCode, stderr } = await create('one', { cgroupsPath, resources });
		expect([exitCode, stderr]).toEqual([1, expect.stringMatching(words)]);
		expect(parent.directories('one')).toEqual([]);
	});
});
