import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type HostState, leftovers, readHostState } from './support/leftovers.ts';
import { listContainers } from './support/list-containers.ts';
import { createSandbox, runTsrun } from './support/run-tsrun.ts';
import { SLOWNESS } from './support/slowness.ts';
import { type StartedTsrun, startTsrun } from './support/start-tsrun.ts';
import { witnessImage } from './support/witness-image.ts';

const sandbox = createSandbox();
let image = '';
let before: HostState;

const start = (flags: readonly string[], words: readonly string[]): StartedTsrun =>
	startTsrun(sandbox, ['run', '--rm', ...flags, image, ...words]);
const startShell = (flags: readonly string[], script: string): StartedTsrun =>
	start([...flags, '--entrypoint', '/bin/sh'], ['-c', script]);

/** The documents of the witness until its end: which signals it got. */
async function rest(tsrun: StartedTsrun): Promise<readonly number[]> {
	const signals: number[] = [];
	for (;;) {
		const line = await tsrun.nextLine().catch(() => undefined);
		if (line === undefined) return signals;
		signals.push((JSON.parse(line) as { signal: number }).signal);
	}
}

beforeAll(async () => {
	image = await witnessImage(`${sandbox.dir}/image`, { busybox: true });
	// The first run extracts the layers, which stay.
	expect((await runTsrun(sandbox, ['run', '--rm', image, 'exit', '0'])).exitCode).toBe(0);
});
beforeEach(() => {
	before = readHostState(sandbox);
});
afterEach(async () => {
	expect(await leftovers(sandbox, before)).toEqual([]);
});
afterAll(() => sandbox.remove());

describe.each(['SIGTERM', 'SIGINT', 'SIGUSR1', 'SIGUSR2', 'SIGHUP', 'SIGQUIT'] as const)('%s sent to tsrun', signal => {
	const number = constants.signals[signal];

	it.each([
		['the first process', []],
		['the program under --init', ['--init']],
	])('reaches %s, which decides', async (_, flags) => {
		const script = `trap 'echo caught; exit 42' ${signal.slice(3)}; echo ready; while :; do sleep 1 & wait $!; done`;
		const tsrun = startShell(flags, script);
		expect(await tsrun.nextLine()).toBe('ready');
		tsrun.child.kill(signal);
		expect(await tsrun.nextLine()).toBe('caught');
		expect(await tsrun.ended).toBe(42);
	});

	it(`ends a program that does not catch it with ${128 + number}`, async () => {
		const tsrun = start(['--init'], ['sleep', '100']);
		await tsrun.nextLine();
		tsrun.child.kill(signal);
		expect(await tsrun.ended).toBe(128 + number);
	});
});

describe('signals', () => {
	it('of a whole foreground process group, as Ctrl-C sends them, arrive once', async () => {
		const tsrun = start([], ['signals', '60']);
		await tsrun.nextLine();
		process.kill(-tsrun.pid, 'SIGINT');
		await sleep(300);
		tsrun.child.kill('SIGTERM');
		expect(await rest(tsrun)).toEqual([constants.signals.SIGINT, constants.signals.SIGTERM]);
		expect(await tsrun.ended).toBe(0);
	});

	it('arrive in order, and none is lost', async () => {
		const tsrun = start([], ['signals', '60']);
		await tsrun.nextLine();
		const sent = ['SIGUSR1', 'SIGHUP', 'SIGUSR2', 'SIGCONT', 'SIGUSR1', 'SIGTERM'] as const;
		const got: number[] = [];
		for (const signal of sent) {
			tsrun.child.kill(signal);
			got.push((JSON.parse(await tsrun.nextLine()) as { signal: number }).signal);
		}
		expect(got).toEqual(sent.map(signal => constants.signals[signal]));
		expect(await tsrun.ended).toBe(0);
	});

	it('that come while the container is made end it, or tsrun before it', async () => {
		const step = 12 * SLOWNESS;
		for (let delay = 0; delay <= 14 * step; delay += step) {
			const tsrun = start(['--init'], ['sleep', '100']);
			await sleep(delay);
			tsrun.child.kill('SIGTERM');
			expect(await tsrun.ended).toBe(143);
		}
		// What tsrun left half made before it became the supervisor, the next command removes.
		expect((await runTsrun(sandbox, ['ps', '-aq'])).stdout).toBe('');
	});

	it('that tsrun’s caller ignores or blocks are neither ignored nor blocked inside', async () => {
		const status = ['--entrypoint', '/bin/busybox', image, 'grep', '^Sig[BI]', '/proc/self/status'];
		const wrapper = ['sh', '-c', 'trap "" HUP INT QUIT PIPE USR1 TERM; exec "$@"', 'sh'];
		const { stdout } = await runTsrun(sandbox, ['run', '--rm', ...status], { wrapper });
		expect(stdout).toBe('SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n');
	});

	it('that the first process does not catch are ignored by the kernel, SIGKILL from outside is not', async () => {
		const tsrun = start([], ['sleep', '100']);
		await tsrun.nextLine();
		const [{ pid } = { pid: 0 }] = await listContainers(sandbox);
		tsrun.child.kill('SIGTERM');
		await sleep(200);
		expect(readFileSync(`/proc/${pid}/stat`, 'utf8')).toMatch(/ S /);
		process.kill(pid, 'SIGKILL');
		expect(await tsrun.ended).toBe(137);
	});
});

describe('--init', () => {
	it('reaps every orphan, however many end at once', async () => {
		const orphans = 'i=0; while [ $i -lt 40 ]; do (sleep 0.2 & ) ; i=$((i+1)); done; sleep 1.5';
		const zombies = 'grep -c "^State:.Z" /proc/[0-9]*/status | grep -c ":1$"';
		const tsrun = startShell(['--init'], `${orphans}; ${zombies}`);
		expect(await tsrun.nextLine()).toBe('0');
		// The last grep found none.
		expect(await tsrun.ended).toBe(1);
	});

	it('ends with its program while orphans run on, and they end with it', async () => {
		const tsrun = startShell(['--init'], "(trap '' TERM HUP INT; sleep 1000) & echo left; exit 5");
		expect(await tsrun.nextLine()).toBe('left');
		expect(await tsrun.ended).toBe(5);
	});
});
