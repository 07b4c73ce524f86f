import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type HostState, leftovers, readHostState } from './support/leftovers.ts';
import { createSandbox, runTsrun, type TsrunResult } from './support/run-tsrun.ts';
import { startTsrun } from './support/start-tsrun.ts';
import { witnessImage } from './support/witness-image.ts';

const sandbox = createSandbox();
const folder = mkdtempSync(join(tmpdir(), 'tsrun-trace-'));
const FILE = join(folder, 'trace.json');
let image = '';
let before: HostState;

const run = (...words: readonly string[]): Promise<TsrunResult> => runTsrun(sandbox, ['run', '--rm', ...words]);

beforeAll(async () => {
	image = await witnessImage(join(sandbox.dir, 'image'), { busybox: true });
	expect((await run(image, 'exit', '0')).exitCode).toBe(0);
});
beforeEach(() => {
	before = readHostState(sandbox);
});
afterEach(async () => {
	expect(await leftovers(sandbox, before)).toEqual([]);
});
afterAll(async () => {
	rmSync(folder, { recursive: true });
	await sandbox.remove();
});

interface TraceFile {
	readonly traceEvents: readonly { readonly ph: string; readonly ts: number; readonly dur: number }[];
	readonly steps: readonly {
		readonly list: string;
		readonly op: string;
		readonly at: number;
		readonly took?: number;
		readonly waits: boolean;
		readonly result: string;
	}[];
}

const readTrace = (): TraceFile => JSON.parse(readFileSync(FILE, 'utf8')) as TraceFile;

describe('run --trace', () => {
	it('prints every step that the plan of this run has, and leaves output and exit code to the program', async () => {
		const { exitCode, stdout, stderr } = await run('--trace', image, 'exit', '7');
		expect([exitCode, stdout]).toEqual([7, '']);
		const counted = (list: string): number => stderr.match(new RegExp(` ${list} \\d+ `, 'g'))?.length ?? 0;
		const plan = JSON.parse((await runTsrun(sandbox, ['plan', '--format', 'json', '--rm', image, 'exit', '7'])).stdout);
		// of the teardown only what undoes a step that was carried out
		expect([counted('setup'), counted('init')]).toEqual([plan.setup.length, plan.init.length]);
		expect(counted('teardown')).toBeGreaterThan(0);
		expect(stderr).toMatch(/^ +[\d.]+ +[\d.]+ +init \d+ pivot_root\(\)$/m);
		expect(stderr).toMatch(/^ +[\d.]+ +mounts, \d+ steps$/m);
	});

	it('writes a file in which both processes are in the order of time, and the program itself is waited for', async () => {
		expect((await run(`--trace=${FILE}`, image, 'sleep', '0.3')).exitCode).toBe(0);
		const { steps, traceEvents } = readTrace();
		expect(steps.map(({ at }) => at)).toEqual(steps.map(({ at }) => at).toSorted((a, b) => a - b));
		const [supervise] = steps.filter(({ op }) => op === 'supervise');
		expect(supervise?.waits).toBe(true);
		expect(supervise?.took).toBeGreaterThan(200_000);
		expect(steps.filter(({ took }) => took === undefined).map(({ op }) => op)).toEqual(['exec']);
		const [setup = [], init = []] = ['setup', 'init'].map(name => steps.filter(({ list }) => list === name));
		const [clone] = setup.filter(({ op }) => op.startsWith('clone'));
		expect(init[0]?.at).toBeGreaterThan(clone?.at ?? Number.POSITIVE_INFINITY);
		expect(traceEvents.filter(({ ph }) => ph === 'X')).toHaveLength(steps.length + 1);
	});

	it('has the step that fails, which is told as without a trace', async () => {
		const refused = ['--sysctl', 'net.ipv4.ip_forward=x'];
		const plain = await run(...refused, image, 'exit', '0');
		const traced = await run(`--trace=${FILE}`, ...refused, image, 'exit', '0');
		expect(traced.exitCode).toBe(plain.exitCode);
		expect(traced.stderr).toBe(plain.stderr);
		expect(
			readTrace()
				.steps.filter(({ list }) => list === 'init')
				.at(-1),
		).toMatchObject({ op: 'writeProc', result: 'EINVAL' });
	});

	it('passes a signal on to the program', async () => {
		const script = 'trap "exit 9" TERM; echo ready; while :; do sleep 0.05; done';
		const words = ['--entrypoint', '/bin/busybox', image, 'sh', '-c', script];
		const started = startTsrun(sandbox, ['run', '--rm', `--trace=${FILE}`, ...words]);
		expect(await started.nextLine()).toBe('ready');
		process.kill(started.pid, 'SIGTERM');
		expect(await started.ended).toBe(9);
		expect(readTrace().steps.at(-1)?.list).toBe('teardown');
	});

	it.each([
		[['--trace', '-d'], /--trace and --detach exclude each other: nobody would wait for the trace/],
		[['--trace', '--restart', 'always'], /--trace and --restart exclude each other: a trace is of one run/],
		[['--trace=/nowhere/file'], /cannot write the trace to \/nowhere\/file \(--trace\): no such file or directory/],
	])('refuses %j before there is a container', async (flags, message) => {
		const { exitCode, stderr } = await runTsrun(sandbox, ['run', ...flags, image, 'exit', '0']);
		expect(exitCode).toBe(125);
		expect(stderr).toMatch(message);
		expect(existsSync('/nowhere')).toBe(false);
	});
});
