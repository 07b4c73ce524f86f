import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { bundleConfig, type Config, createBundle } from '../support/bundle.ts';
import { cgroupDirectory, hierarchyOf, readControl } from '../support/container-cgroup.ts';
import { eventually, ociRuntime, writeConfig } from '../support/oci-runtime.ts';
import { createSandbox } from '../support/run-tsrun.ts';
import { parseWitness } from '../support/witness.ts';

const sandbox = createSandbox();
const bundle = createBundle(sandbox);
afterAll(() => sandbox.remove());

const MIB = 1024 ** 2;
const { isV1 } = hierarchyOf('memory');
const START: Config = {
	memory: { limit: 32 * MIB, reservation: 24 * MIB },
	cpu: { shares: 100, quota: 500_000, period: 1_000_000 },
	pids: { limit: 20 },
};

/** What the container has now, in the terms of config.json; -1 is no limit. */
function limitsOf(pid: number) {
	const read = (controller: string, v1: string, v2: string): string =>
		readControl(pid, { v1: [controller, v1], v2 }).trim();
	const bytes = (text: string): number => (text === 'max' || Number(text) > 2 ** 62 ? -1 : Number(text));
	const memory = bytes(read('memory', 'memory.limit_in_bytes', 'memory.max'));
	const swap = bytes(read('memory', 'memory.memsw.limit_in_bytes', 'memory.swap.max'));
	const [quota, period] = hierarchyOf('cpu').isV1
		? [read('cpu', 'cpu.cfs_quota_us', ''), read('cpu', 'cpu.cfs_period_us', '')]
		: read('cpu', '', 'cpu.max').split(' ');
	return {
		memory,
		// cgroup2 counts swap alone
		swap: isV1 || swap === -1 || memory === -1 ? swap : memory + swap,
		reservation: bytes(read('memory', 'memory.soft_limit_in_bytes', 'memory.low')),
		quota: quota === 'max' ? -1 : Number(quota),
		period: Number(period),
		pids: read('pids', 'pids.max', 'pids.max'),
		cpus: read('cpuset', 'cpuset.cpus', 'cpuset.cpus'),
	};
}

describe.each(['tsrun', 'runc'] as const)('update of a container of %s', name => {
	const runtime = ociRuntime(name, sandbox);
	const id = `update-${name}`;
	afterEach(async () => {
		await runtime.run(['delete', '--force', id]);
	});
	const start = async (resources: Config = START): Promise<number> => {
		const config = bundleConfig('sleep', '1000');
		writeConfig(bundle, { ...config, linux: { ...config.linux, resources } });
		await runtime.must(['run', '--detach', '--bundle', bundle, id]);
		return (await runtime.state(id)).pid;
	};
	const update = async (...flags: readonly string[]): Promise<void> => {
		await runtime.must(['update', ...flags, id]);
	};

	it('changes what it is told to, and nothing else', async () => {
		const pid = await start();
		const before = limitsOf(pid);
		expect(before).toMatchObject({
			memory: 32 * MIB,
			reservation: 24 * MIB,
			quota: 500_000,
			period: 1_000_000,
			pids: '20',
		});
		await update('--memory', '50M');
		expect(limitsOf(pid)).toEqual({ ...before, memory: 50 * MIB, swap: limitsOf(pid).swap });
		await update('--memory-reservation', String(32 * MIB), '--pids-limit', '10');
		expect(limitsOf(pid)).toMatchObject({ memory: 50 * MIB, reservation: 32 * MIB, pids: '10', quota: 500_000 });
		await update('--cpuset-cpus', '0');
		expect(limitsOf(pid)).toMatchObject({ cpus: '0', pids: '10' });
		await update('--pids-limit', '-1');
		expect(limitsOf(pid).pids).toBe('max');
	});

	it('raises and lowers memory with swap, whichever must go first, and takes both away', async () => {
		const pid = await start();
		for (const [memory, swap] of [
			[30, 50],
			[60, 80],
			[20, 25],
		] as const) {
			await update('--memory', `${memory}M`, '--memory-swap', `${swap}M`);
			expect(limitsOf(pid)).toMatchObject({ memory: memory * MIB, swap: swap * MIB });
		}
		await update('--memory-swap', '-1');
		expect(limitsOf(pid)).toMatchObject({ memory: 20 * MIB, swap: -1 });
		await update('--memory', '-1');
		expect(limitsOf(pid)).toMatchObject({ memory: -1, swap: -1 });
	});

	it('keeps a quota where the period changes, and a period where the quota does', async () => {
		const pid = await start();
		await update('--cpu-period', '900000');
		expect(limitsOf(pid)).toMatchObject({ quota: 500_000, period: 900_000 });
		await update('--cpu-quota', '600000');
		expect(limitsOf(pid)).toMatchObject({ quota: 600_000, period: 900_000 });
		await update('--cpu-quota', '-1', '--cpu-period', '100000');
		expect(limitsOf(pid)).toMatchObject({ quota: -1, period: 100_000 });
	});

	it('reads resources from a file and from the standard input, and then no flag', async () => {
		const pid = await start();
		const file = join(sandbox.dir, `resources-${name}.json`);
		writeFileSync(file, JSON.stringify({ memory: { limit: 40 * MIB }, pids: { limit: 7 } }));
		await update('--resources', file);
		expect(limitsOf(pid)).toMatchObject({ memory: 40 * MIB, pids: '7' });
		const input = JSON.stringify({ cpu: { cpus: '0', quota: 5000, period: 50_000 }, pids: { limit: 8 } });
		await runtime.must(['update', '-r', '-', '--pids-limit', '3', id], { input });
		expect(limitsOf(pid)).toMatchObject({ cpus: '0', quota: 5000, period: 50_000, pids: '8' });
	});

	it('leaves the device rules as they are', async () => {
		const config = bundleConfig('sleep', '1000');
		const devices = [
			{ allow: false, access: 'rwm' },
			{ allow: true, type: 'c', major: 10, minor: 229, access: 'r' },
		];
		writeConfig(bundle, { ...config, linux: { ...config.linux, resources: { devices } } });
		await runtime.must(['run', '--detach', '--bundle', bundle, id]);
		const { pid } = await runtime.state(id);
		const EPERM = 1;
		const opens = async (node: string): Promise<readonly unknown[]> => {
			const words = [
				'mknod',
				`/tmp/${node}`,
				'c',
				'10',
				'229',
				...['0', '1'].flatMap(how => ['--', 'open', `/tmp/${node}`, how]),
			];
			const { actions } = parseWitness((await runtime.must(['exec', id, '/witness', ...words])).stdout);
			return actions.map(({ errno }) => errno === EPERM);
		};
		expect(await opens('before')).toEqual([false, false, true]);
		for (let limit = 100; limit < 103; limit++) await update('--pids-limit', String(limit));
		expect(await opens('after')).toEqual([false, false, true]);
		expect(readFileSync(`/proc/${pid}/cmdline`, 'latin1')).toContain('sleep');
	});

	it('is for a container that has not ended', async () => {
		await start();
		await runtime.must(['kill', id, 'KILL']);
		await eventually(async () => ((await runtime.state(id)).status === 'stopped' ? true : undefined));
		const { exitCode, stderr } = await runtime.run(['update', '--pids-limit', '5', id]);
		expect([exitCode, stderr]).toEqual([1, expect.stringContaining('container not running')]);
	});
});

describe('update', () => {
	const runtime = ociRuntime('tsrun', sandbox);
	const id = 'update-own';
	afterEach(async () => {
		await runtime.run(['delete', '--force', id]);
	});
	const start = async (): Promise<number> => {
		const config = bundleConfig('sleep', '1000');
		writeConfig(bundle, { ...config, linux: { ...config.linux, resources: START } });
		await runtime.must(['create', '--bundle', bundle, id]);
		return (await runtime.state(id)).pid;
	};

	it('changes nothing where one value is refused', async () => {
		const pid = await start();
		const before = limitsOf(pid);
		const { exitCode, stderr } = await runtime.run(['update', '--memory', '64M', '--cpu-quota', '5', id]);
		expect(exitCode).toBe(1);
		expect(stderr).toContain('invalid argument');
		expect({ ...limitsOf(pid), swap: before.swap }).toEqual(before);
	});

	it('says what was refused, by field and by what is used', async () => {
		await start();
		const check = JSON.stringify({ memory: { limit: 1024, checkBeforeUpdate: true } });
		const { exitCode, stderr } = await runtime.run(['update', '-r', '-', id], { input: check });
		expect(exitCode).toBe(1);
		if (isV1)
			expect(stderr).toMatch(/\/linux\/resources\/memory\/limit\): device or resource busy\n.*uses more than this/);
		else expect(stderr).toMatch(/rejecting memory limit 1024 <= usage \d+/);
		expect((await runtime.state(id)).status).toBe('created');
	});

	it('has cpu.idle, burst and shares in the files of either version', async () => {
		const pid = await start();
		const directory = cgroupDirectory(pid, 'cpu');
		const read = (file: string): string => readFileSync(join(directory, file), 'utf8').trim();
		const cpuV1 = hierarchyOf('cpu').isV1;
		await runtime.must(['update', '--cpu-share', '200', '--cpu-burst', '100000', id]);
		expect(read(cpuV1 ? 'cpu.shares' : 'cpu.weight')).toBe(cpuV1 ? '200' : '29');
		expect(read(cpuV1 ? 'cpu.cfs_burst_us' : 'cpu.max.burst')).toBe('100000');
		await runtime.must(['update', '--cpu-idle', '1', id]);
		expect(read('cpu.idle')).toBe('1');
		for (const value of ['-1', '2']) expect((await runtime.run(['update', '--cpu-idle', value, id])).exitCode).toBe(1);
		await runtime.must(['update', '--cpu-period', '900000', id]);
		expect(read('cpu.idle')).toBe('1');
	});
});
