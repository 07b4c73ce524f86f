import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { bundleConfig, type Config, createBundle, runBundle } from './support/bundle.ts';
import { createSandbox } from './support/run-tsrun.ts';
import type { WitnessAction } from './support/witness.ts';

const sandbox = createSandbox();
const bundle = createBundle(sandbox);
afterAll(() => sandbox.remove());

const CPUS = Number(execFileSync('nproc', ['--all'], { encoding: 'utf8' }));

async function schedulingWith(change: (config: Config) => void): Promise<WitnessAction> {
	const config = bundleConfig('scheduling');
	change(config);
	const { exitCode, stdout, error, witness } = await runBundle(sandbox, bundle, config);
	expect({ exitCode, error, stdout }).toMatchObject({ exitCode: 0, error: undefined });
	return witness.actions[0] as WitnessAction;
}

describe('process.scheduler', () => {
	it.each([
		[
			{ policy: 'SCHED_BATCH', nice: 19 },
			{ policy: 3, nice: 19, priority: 0 },
		],
		[
			{ policy: 'SCHED_OTHER', nice: -5 },
			{ policy: 0, nice: -5, priority: 0 },
		],
		[{ policy: 'SCHED_IDLE' }, { policy: 5 }],
		[
			{
				policy: 'SCHED_DEADLINE',
				flags: ['SCHED_FLAG_RESET_ON_FORK'],
				runtime: 2_000_000,
				deadline: 50_000_000,
				period: 100_000_000,
			},
			{ policy: 6, flags: 1, runtime: 2_000_000, deadline: 50_000_000, period: 100_000_000 },
		],
	])('%j is how the program runs', async (scheduler, seen) => {
		expect(await schedulingWith(config => Object.assign(config.process, { scheduler }))).toMatchObject(seen);
	});

	/** Where the cgroup of version 1 counts real-time time, a new one has none (Documentation/scheduler/sched-rt-group.rst). */
	const hasRealtime = !existsSync('/sys/fs/cgroup/cpu/cpu.rt_runtime_us');

	it.each([
		[
			{ policy: 'SCHED_FIFO', priority: 7 },
			{ policy: 1, priority: 7 },
		],
		[
			{ policy: 'SCHED_RR', priority: 3, flags: ['SCHED_FLAG_RESET_ON_FORK'] },
			{ policy: 2, priority: 3, flags: 1 },
		],
	])('%j is how the program runs, or the message says what the cgroup lacks', async (scheduler, seen) => {
		const config = bundleConfig('scheduling');
		config.process.scheduler = scheduler;
		const { error, witness } = await runBundle(sandbox, bundle, config);
		if (hasRealtime) expect(witness.actions[0]).toMatchObject(seen);
		else
			expect([error?.message, error?.hint].join()).toMatch(/\/process\/scheduler.*not permitted.*cpu\.rt_runtime_us/);
	});

	it('is told of with its field where the kernel refuses it', async () => {
		const config = bundleConfig('scheduling');
		config.process.scheduler = { policy: 'SCHED_DEADLINE', runtime: 1, deadline: 1 };
		const { error, exitCode } = await runBundle(sandbox, bundle, config);
		expect(exitCode).toBe(125);
		expect(error?.message).toMatch(
			/^cannot set the scheduler with sched_setattr \(init step \d+, \/process\/scheduler\): invalid argument$/,
		);
	});
});

it.each([
	['IOPRIO_CLASS_RT', 2],
	['IOPRIO_CLASS_BE', 4],
	['IOPRIO_CLASS_IDLE', 0],
])('process.ioPriority %s %i is how the program reads and writes', async (name, priority) => {
	const number = (['', 'IOPRIO_CLASS_RT', 'IOPRIO_CLASS_BE', 'IOPRIO_CLASS_IDLE'].indexOf(name) << 13) | priority;
	expect(
		await schedulingWith(config => Object.assign(config.process, { ioPriority: { class: name, priority } })),
	).toMatchObject({ ioprio: number });
});

it.each([
	['LINUX', 0, /64$/],
	['LINUX32', 8, /^(i686|armv8l)$/],
])('linux.personality %s is what uname tells', async (domain, personality, machine) => {
	const seen = await schedulingWith(config => Object.assign(config.linux, { personality: { domain } }));
	expect(seen).toMatchObject({ personality });
	expect(seen.machine).toMatch(machine);
});

describe('linux.memoryPolicy', () => {
	it.each([
		[
			{ mode: 'MPOL_INTERLEAVE', nodes: '0' },
			{ mempolicy: 3, nodes: 1 },
		],
		[
			{ mode: 'MPOL_BIND', nodes: '0', flags: ['MPOL_F_STATIC_NODES'] },
			{ mempolicy: 2 | 0x8000, nodes: 1 },
		],
		[
			{ mode: 'MPOL_PREFERRED', nodes: '0', flags: ['MPOL_F_RELATIVE_NODES'] },
			{ mempolicy: 1 | 0x4000, nodes: 1 },
		],
		[{ mode: 'MPOL_LOCAL' }, { mempolicy: 4, nodes: 0 }],
		[{ mode: 'MPOL_DEFAULT' }, { mempolicy: 0, nodes: 0 }],
		[{}, { mempolicy: 0, nodes: 0 }],
	])('%j is where memory comes from', async (memoryPolicy, seen) => {
		expect(await schedulingWith(config => Object.assign(config.linux, { memoryPolicy }))).toMatchObject({
			mempolicyErrno: 0,
			...seen,
		});
	});

	it.each([
		{
			mode: 'MPOL_DEFAULT',
			nodes: '0-7',
			flags: ['MPOL_F_NUMA_BALANCING', 'MPOL_F_STATIC_NODES', 'MPOL_F_RELATIVE_NODES'],
		},
		{ mode: 'MPOL_BIND' },
		{ mode: 'MPOL_BIND', nodes: '500' },
	])('%j is refused by the kernel, with its field', async memoryPolicy => {
		const config = bundleConfig('scheduling');
		config.linux.memoryPolicy = memoryPolicy;
		const { error } = await runBundle(sandbox, bundle, config);
		expect(error?.message).toMatch(/set_mempolicy \(init step \d+, \/linux\/memoryPolicy\): invalid argument$/);
	});
});

it('a container gets every CPU, whatever the caller was given', async () => {
	expect(CPUS).toBeGreaterThan(1);
	const config = bundleConfig('scheduling');
	execFileSync('taskset', ['-p', '-c', '0', String(process.pid)]);
	try {
		const { witness } = await runBundle(sandbox, bundle, config);
		expect(witness.actions[0]).toMatchObject({ cpus: CPUS });
	} finally {
		execFileSync('taskset', ['-p', '-c', `0-${CPUS - 1}`, String(process.pid)]);
	}
});
