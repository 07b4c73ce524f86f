import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Plan } from '../../../src/plan/step.ts';
import { type HostState, leftovers, readHostState } from '../support/leftovers.ts';
import { createSandbox, runTsrun, TSRUN } from '../support/run-tsrun.ts';
import { SLOWNESS } from '../support/slowness.ts';
import { witnessImage } from '../support/witness-image.ts';
import { runPlan } from './support/run-plan.ts';
import { idsOf } from './support/start-tsrun.ts';

const sandbox = createSandbox();
let image = '';
let before: HostState;

beforeAll(async () => {
	image = await witnessImage(join(sandbox.dir, 'image'), { busybox: true });
	expect((await runTsrun(sandbox, ['run', '--rm', image, 'exit', '0'])).exitCode).toBe(0);
});
beforeEach(() => {
	before = readHostState(sandbox);
});
afterEach(async () => {
	expect(await leftovers(sandbox, before)).toEqual([]);
});
afterAll(() => sandbox.remove());

/** A terminal of its own around tsrun (script(1)); its output comes as fast as it is read. */
const inTerminal = (args: readonly string[]) => {
	const quoted = [TSRUN, ...args].map(word => `'${word}'`).join(' ');
	return spawn('script', ['-qfec', quoted, '/dev/null'], {
		stdio: ['ignore', 'pipe', 'inherit'],
		env: { ...process.env, ...sandbox.env },
	});
};
const shell = (text: string, ...flags: readonly string[]) => [
	...['run', '--rm', ...flags, '--entrypoint', '/bin/sh', image],
	...['-c', text],
];

describe('output', () => {
	it('comes whole to a slow reader, although the container has ended before', async () => {
		const size = 1_000_000;
		const child = inTerminal(shell(`yes 0123456789012345678901234567890 | head -c ${size}; echo THE END`));
		let text = '';
		for await (const chunk of child.stdout) {
			text += (chunk as Buffer).toString('latin1');
			await sleep(30);
		}
		expect(text.replaceAll('\r', '').length).toBe(size + 'THE END\n'.length);
		expect(text).toMatch(/THE END\r?\n$/);
	});

	it('of a process that outlives the container does not keep the supervisor', async () => {
		const child = inTerminal(shell('for i in 1 2 3 4 5 6; do yes & done; sleep 0.3; exit 3', '--pid', 'host'));
		child.stdout.resume();
		const [code] = (await once(child, 'exit')) as [number];
		expect(code).toBe(3);
	});

	it('comes again from a terminal that nobody had open for a moment', async () => {
		const child = inTerminal(
			shell('exec </dev/null >/dev/null 2>&1; sleep 0.3; exec >/dev/console; echo again; sleep 0.2', '-t'),
		);
		let text = '';
		child.stdout.setEncoding('latin1').on('data', chunk => {
			text += chunk;
		});
		await once(child, 'close');
		expect(text).toMatch(/again/);
	});
});

describe('signals', () => {
	it('get through while nobody reads the output', async () => {
		const child = inTerminal(shell('while :; do echo 0123456789012345678901234567890; done', '--init'));
		await waitFor(() => idsOf(sandbox).length === 1);
		await sleep(1000);
		const stateDir = join(sandbox.state, idsOf(sandbox)[0] ?? '');
		process.kill(readFileSync(join(stateDir, 'progress')).readInt32LE(8), 'SIGTERM');
		await waitFor(() => exitCodeIn(stateDir) === 128 + 15);
		child.stdout.resume();
		const [code] = (await once(child, 'exit')) as [number];
		expect(code).toBe(128 + 15);
	});

	it('that come while the container is set up are kept for its program', async () => {
		const fifo = join(sandbox.dir, 'fifo');
		execFileSync('mkfifo', [fifo]);
		const stopInSetUp = (plan: Plan): Plan => ({
			...plan,
			init: plan.init.toSpliced(1, 0, {
				op: 'setns',
				path: fifo,
				type: 0,
				tolerate: [22],
				phase: 'process',
				why: 'wait for a writer',
			}),
		});
		const { exitCode } = await runPlan(sandbox, {
			image,
			args: ['sleep', '60'],
			options: { init: true },
			change: stopInSetUp,
			meanwhile: async () => {
				await waitFor(() => supervisorOf() > 0);
				process.kill(supervisorOf(), 'SIGTERM');
				closeSync(openSync(fifo, 'w'));
			},
		});
		rmSync(fifo);
		expect(exitCode).toBe(128 + 15);
	});

	it('ignored by the caller do not matter: also the end of a child', async () => {
		const { exitCode } = await runTsrun(sandbox, ['run', '--rm', image, 'exit', '7'], {
			wrapper: [
				'python3',
				'-c',
				'import signal,os,sys; signal.signal(signal.SIGCHLD, signal.SIG_IGN); os.execv(sys.argv[1], sys.argv[1:])',
			],
		});
		expect(exitCode).toBe(7);
	});
});

describe('teardown', () => {
	/** Five times a thousand levels: each chain is moved to the end of the next, since no path may be that long. */
	const dig = `cd /tmp; D=; i=0; while [ $i -lt 1000 ]; do D="$D"d/; i=$((i+1)); done; mkdir -p c0/$D
		for n in 1 2 3 4; do mkdir -p c$n/$D; mv c$((n-1)) c$n/$D || exit 1; done; echo x >c4/file`;

	it('removes what a container nested five thousand directories deep', async () => {
		const fewDescriptors = ['bash', '-c', 'ulimit -n 256; exec "$@"', 'bash'];
		expect((await runTsrun(sandbox, shell(dig), { wrapper: fewDescriptors })).exitCode).toBe(0);
		expect(idsOf(sandbox)).toEqual([]);
	});

	it('so does tsrun rm', async () => {
		const kept = await runTsrun(sandbox, [
			...['run', '--name', 'deep', '--entrypoint', '/bin/sh', image],
			...['-c', dig],
		]);
		expect(kept.exitCode).toBe(0);
		const removed = await runTsrun(sandbox, ['rm', 'deep']);
		expect([removed.stderr, removed.exitCode]).toEqual(['', 0]);
	});

	it('does not follow what a container put in the way', async () => {
		const safe = join(sandbox.dir, 'safe');
		mkdirSync(join(safe, 'kept'), { recursive: true });
		expect(
			(await runTsrun(sandbox, shell(`ln -s ${safe} /tmp/link; ln -s / /tmp/root; mkdir -p /tmp/a/b`))).exitCode,
		).toBe(0);
		expect(existsSync(join(safe, 'kept'))).toBe(true);
		before = readHostState(sandbox);
	});
});

/** As the supervisor notes it; -1 while the program runs, and when all is removed. */
const exitCodeIn = (stateDir: string): number => {
	try {
		return readFileSync(join(stateDir, 'progress')).readInt32LE(40);
	} catch {
		return -1;
	}
};

const supervisorOf = (): number => {
	const [id] = idsOf(sandbox);
	try {
		return id === undefined ? 0 : readFileSync(join(sandbox.state, id, 'progress')).readInt32LE(8);
	} catch {
		return 0;
	}
};

async function waitFor(condition: () => boolean): Promise<void> {
	for (const deadline = Date.now() + 10_000 * SLOWNESS; !condition(); await sleep(2)) {
		if (Date.now() > deadline) throw new Error('it did not come to that');
	}
}
