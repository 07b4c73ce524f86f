import { readFileSync, rmdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type ControlFile, cgroupDirectory, hierarchyOf, insidePath, readControl } from './support/container-cgroup.ts';
import { type HostState, leftovers, readHostState } from './support/leftovers.ts';
import { listContainers } from './support/list-containers.ts';
import { createSandbox, runTsrun, type TsrunOptions, type TsrunResult } from './support/run-tsrun.ts';
import { SLOWNESS } from './support/slowness.ts';
import { startTsrun } from './support/start-tsrun.ts';
import { witnessImage } from './support/witness-image.ts';

const sandbox = createSandbox();
let image = '';
let before: HostState;

const run = (
	flags: readonly string[],
	words: readonly string[] = ['report'],
	options: TsrunOptions = {},
): Promise<TsrunResult> => runTsrun(sandbox, ['run', '--rm', ...flags, image, ...words], options);

/** Runs a container, calls `look` with the host's pid of its program while it sleeps, and removes it. */
async function whileSleeping(flags: readonly string[], look: (pid: number) => void): Promise<void> {
	const tsrun = startTsrun(sandbox, ['run', '--rm', '--name', 'sleeper', ...flags, image, 'sleep', '100']);
	await tsrun.nextLine();
	const [{ pid } = { pid: 0 }] = await listContainers(sandbox);
	look(pid);
	expect((await runTsrun(sandbox, ['rm', '-f', 'sleeper'])).exitCode).toBe(0);
	await tsrun.ended;
}

beforeAll(async () => {
	image = await witnessImage(`${sandbox.dir}/image`, { busybox: true });
	// The first run extracts the layers, which stay.
	expect((await run([], ['exit', '0'])).exitCode).toBe(0);
});
beforeEach(() => {
	before = readHostState(sandbox);
});
afterEach(async () => {
	expect(await leftovers(sandbox, before)).toEqual([]);
});
afterAll(() => sandbox.remove());

const MIB = 1024 ** 2;
const FLAGS = [
	...['--memory', '64m', '--memory-swap', '96m', '--memory-reservation', '32m'],
	...['--cpus', '0.5', '--cpu-shares', '512', '--cpuset-cpus', '0', '--cpuset-mems', '0'],
	...['--pids-limit', '50'],
];
/** Name, file, and what is in it: by v1, by cgroup2. */
const VALUES: readonly (readonly [string, ControlFile, string, string])[] = [
	['--memory', { v1: ['memory', 'memory.limit_in_bytes'], v2: 'memory.max' }, `${64 * MIB}`, `${64 * MIB}`],
	// v1 counts memory and swap together, as the flag does; cgroup2 swap alone.
	[
		'--memory-swap',
		{ v1: ['memory', 'memory.memsw.limit_in_bytes'], v2: 'memory.swap.max' },
		`${96 * MIB}`,
		`${32 * MIB}`,
	],
	[
		'--memory-reservation',
		{ v1: ['memory', 'memory.soft_limit_in_bytes'], v2: 'memory.low' },
		`${32 * MIB}`,
		`${32 * MIB}`,
	],
	['--cpus', { v1: ['cpu', 'cpu.cfs_quota_us'], v2: 'cpu.max' }, '50000', '50000 100000'],
	['--cpu-shares', { v1: ['cpu', 'cpu.shares'], v2: 'cpu.weight' }, '512', '59'],
	['--cpuset-cpus', { v1: ['cpuset', 'cpuset.cpus'], v2: 'cpuset.cpus' }, '0', '0'],
	['--cpuset-mems', { v1: ['cpuset', 'cpuset.mems'], v2: 'cpuset.mems' }, '0', '0'],
	['--pids-limit', { v1: ['pids', 'pids.max'], v2: 'pids.max' }, '50', '50'],
];
const expected = VALUES.map(([name, { v1 }, ofV1, ofV2]) => [name, hierarchyOf(v1[0]).isV1 ? ofV1 : ofV2]);

describe('the limits of a container', () => {
	it('are in its control files on the host while it runs', async () => {
		await whileSleeping(FLAGS, pid => {
			expect(VALUES.map(([name, file]) => [name, readControl(pid, file)])).toEqual(expected);
		});
	});

	it('can be read inside, below /sys/fs/cgroup', async () => {
		const words = VALUES.flatMap(([, file]) => ['read', insidePath(file), '--']).slice(0, -1);
		const { actions } = (await run(FLAGS, words)).witness;
		expect(VALUES.map(([name], index) => [name, String(actions[index]?.text).trim()])).toEqual(expected);
	});

	it('cannot be changed inside: the files are read-only, and its cgroup is all there is', async () => {
		const memory = insidePath({ v1: ['memory', 'memory.limit_in_bytes'], v2: 'memory.max' });
		const words = ['write', memory, '1G', '--', 'mkdir', `${dirname(memory)}/x`, '--', 'report'];
		const { report, actions } = (await run(FLAGS, words)).witness;
		const EROFS = 30;
		expect(actions.map(({ errno }) => errno)).toEqual([EROFS, EROFS]);
		expect(report.cgroup.length).toBeGreaterThan(0);
		for (const line of report.cgroup) expect(line).toMatch(/:\/$/);
	});

	it('without --memory-swap allow as much swap as memory, and none where both are the same', async () => {
		const swap: ControlFile = { v1: ['memory', 'memory.memsw.limit_in_bytes'], v2: 'memory.swap.max' };
		const { isV1 } = hierarchyOf('memory');
		const limit = async (...flags: string[]): Promise<number> =>
			Number((await run(flags, ['read', insidePath(swap)])).witness.actions[0]?.text);
		expect(await limit('--memory', '64m')).toBe((isV1 ? 128 : 64) * MIB);
		expect(await limit('--memory', '64m', '--memory-swap', '64m')).toBe((isV1 ? 64 : 0) * MIB);
	});

	it('are those of --cgroup-parent too', async () => {
		const parent = `/tsrun-parent-${process.pid}`;
		const made: string[] = [];
		await whileSleeping(['--cgroup-parent', parent, '--pids-limit', '7'], pid => {
			for (const line of readFileSync(`/proc/${pid}/cgroup`, 'utf8').trim().split('\n')) {
				expect(line.split(':')[2]).toMatch(new RegExp(`^${parent}/[0-9a-f]{64}$`));
				const controller = line.split(':')[1]?.split(',')[0] || 'cgroup2';
				made.push(dirname(cgroupDirectory(pid, controller)));
			}
			expect(readControl(pid, { v1: ['pids', 'pids.max'], v2: 'pids.max' })).toBe('7');
		});
		// The parent may be somebody else's: it stays.
		for (const path of new Set(made)) rmdirSync(path);
	});

	it('--oom-score-adj is the program’s', async () => {
		expect((await run(['--oom-score-adj', '321'])).witness.report.oomScoreAdj).toBe(321);
	});
});

describe('--memory', () => {
	const NOTICE = 'tsrun: the kernel killed a process of the container at its memory limit of 64 MiB (--memory)\n';

	it('ends a program that needs more with 137 and one line that names the limit', async () => {
		const { exitCode, stdout, stderr } = await run(['--memory', '64m'], ['alloc', '300']);
		expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 137, stdout: '', stderr: NOTICE });
	});

	it('says so too where the kernel killed another process than the first, whose exit code stands', async () => {
		const script = '/witness alloc 300; echo "it ended with $?"; exit 3';
		const { exitCode, stdout, stderr } = await run(['--memory', '64m', '--entrypoint', '/bin/sh'], ['-c', script]);
		expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: 'it ended with 137\n' });
		expect(stderr).toContain(NOTICE);
	});

	it('says nothing to a program that stays below, or that is killed by somebody else', async () => {
		expect(await run(['--memory', '64m'], ['alloc', '20'])).toMatchObject({ exitCode: 0, stderr: '' });
		expect(await run(['--memory', '64m', '--init'], ['signal', '9'])).toMatchObject({ exitCode: 137, stderr: '' });
	});

	it('leaves nothing where nobody can read the line', async () => {
		const toFull = ['bash', '-c', 'exec "$@" 2>/dev/full', 'bash'];
		expect((await run(['--memory', '64m'], ['alloc', '300'], { wrapper: toFull })).exitCode).toBe(137);
		const toNobody = ['bash', '-c', 'exec 2> >(exec true); wait $!; exec "$@"', 'bash'];
		expect((await run(['--memory', '64m'], ['alloc', '300'], { wrapper: toNobody })).exitCode).toBe(137);
	});
});

describe('--cpus', () => {
	it('0.5 gives half a CPU within 10 % over two seconds', async () => {
		const burn = async (): Promise<number> => {
			const [action] = (await run(['--cpus', '0.5'], ['burn', '2000'])).witness.actions;
			return Number(action?.cpuMs) / Number(action?.wallMs);
		};
		// A busy machine may give less than the limit allows, never more.
		const shares: number[] = [];
		while (shares.length < 6 && !shares.some(share => share >= 0.45)) shares.push(await burn());
		for (const share of shares) expect(share).toBeLessThanOrEqual(0.55);
		expect(shares.at(-1)).toBeGreaterThanOrEqual(0.45);
	});

	it('limits the processes of the container together', async () => {
		const words = ['-c', '/witness burn 2000 & /witness burn 2000 & wait'];
		const { actions } = (await run(['--cpus', '0.5', '--entrypoint', '/bin/sh'], words)).witness;
		expect(actions).toHaveLength(2);
		const cpu = actions.reduce((sum, action) => sum + Number(action.cpuMs), 0);
		const wall = Math.max(...actions.map(action => Number(action.wallMs)));
		expect(cpu / wall).toBeLessThanOrEqual(0.55);
	});
});

describe('--pids-limit', () => {
	it('makes fork fail', async () => {
		const { actions } = (await run(['--pids-limit', '20'], ['forks', '100'])).witness;
		const EAGAIN = 11;
		expect(actions[0]).toMatchObject({ errno: EAGAIN, count: 19 });
	});

	it('holds a fork bomb, which ends with its container', async () => {
		const flags = ['--name', 'bomb', '--pids-limit', '30', '--cpus', '0.3', '--entrypoint', '/bin/sh'];
		const bomb = 'f() { f & f & wait; }; f & echo ready; exec sleep 100';
		const tsrun = startTsrun(sandbox, ['run', '--rm', ...flags, image, '-c', bomb]);
		await tsrun.nextLine();
		const [{ pid } = { pid: 0 }] = await listContainers(sandbox);
		const read = (file: string): number =>
			Number(
				readControl(pid, { v1: ['pids', file], v2: file })
					.split(' ')
					.at(-1),
			);
		// How often the limit was met.
		await expect.poll(() => read('pids.events'), { timeout: 20_000 * SLOWNESS }).toBeGreaterThan(0);
		expect(read('pids.current')).toBeLessThanOrEqual(30);
		expect((await runTsrun(sandbox, ['rm', '-f', 'bomb'])).exitCode).toBe(0);
		await tsrun.ended;
	});
});

describe('--blkio-weight', () => {
	it('is in the container’s control file', async () => {
		await whileSleeping(['--blkio-weight', '300'], pid => {
			const directory = cgroupDirectory(pid, 'blkio');
			const read = (file: string): string | undefined => {
				try {
					return readFileSync(`${directory}/${file}`, 'utf8').split('\n')[0];
				} catch {
					return undefined;
				}
			};
			const weights = [read('blkio.weight'), read('blkio.bfq.weight'), read('io.bfq.weight'), read('io.weight')];
			// 10–1000 of the flag are 1–10000 of io.weight.
			expect(['300', 'default 300', 'default 2930']).toEqual(expect.arrayContaining([weights.find(Boolean)]));
		});
	});
});

describe('device rules', () => {
	const EPERM = 1;
	const O_RDONLY = '0';
	const O_WRONLY = '1';
	const O_RDWR = '2';
	const errnos = async (flags: readonly string[], ...actions: string[][]): Promise<readonly number[]> =>
		(await run(flags, actions.flatMap(action => [...action, '--']).slice(0, -1))).witness.actions.map(
			({ errno }) => errno,
		);

	it('let docker’s devices be used, others be made but not opened', async () => {
		const kmsg = ['mknod', '/tmp/kmsg', 'c', '1', '11'];
		const found = await errnos([], ['open', '/dev/null', O_RDWR], ['open', '/dev/zero', O_RDWR], kmsg, [
			'open',
			'/tmp/kmsg',
			O_RDONLY,
		]);
		expect(found).toEqual([0, 0, 0, EPERM]);
	});

	it('--device gives the access that it names', async () => {
		const open = (mode: string): string[] => ['open', '/dev/mine', mode];
		// Without CAP_SYSLOG the kernel's log can be written only.
		const flags = (access: string): string[] => ['--cap-add', 'SYSLOG', '--device', `/dev/kmsg:/dev/mine:${access}`];
		const opens = [open(O_RDONLY), open(O_WRONLY), open(O_RDWR)];
		expect(await errnos(flags('r'), ...opens)).toEqual([0, EPERM, EPERM]);
		expect(await errnos(flags('w'), ...opens)).toEqual([EPERM, 0, EPERM]);
		expect(await errnos(flags('rw'), ...opens)).toEqual([0, 0, 0]);
	});

	it('--privileged lets everything be opened', async () => {
		const made = ['mknod', '/tmp/kmsg', 'c', '1', '11'];
		expect(await errnos(['--privileged'], made, ['open', '/tmp/kmsg', O_WRONLY])).toEqual([0, 0]);
	});
});
