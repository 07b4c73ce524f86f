import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Plan } from '../../src/plan/step.ts';
import type { RunOptions } from '../../src/spec/run-options.ts';
import { type InjectedContainer, startInjected, withImpossibleStep } from './support/injected-container.ts';
import { type HostState, leftovers, readHostState } from './support/leftovers.ts';
import { type Listed, listContainers } from './support/list-containers.ts';
import { createSandbox, runTsrun, type TsrunResult } from './support/run-tsrun.ts';
import { SLOWNESS, STRIDE } from './support/slowness.ts';
import { startTsrun } from './support/start-tsrun.ts';
import { witnessImage } from './support/witness-image.ts';

const sandbox = createSandbox();
let image = '';
let before: HostState;

const tsrun = (...args: readonly string[]): Promise<TsrunResult> => runTsrun(sandbox, args);
const files = (): readonly string[] => [...readHostState(sandbox).files].filter(name => !before.files.has(name));

const list = (): Promise<readonly Listed[]> => listContainers(sandbox);

/** Whether a process is there and is no zombie. */
function isAlive(pid: number): boolean {
	try {
		return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
	} catch {
		return false;
	}
}
const gone = (pid: number): Promise<void> =>
	expect.poll(() => isAlive(pid), { timeout: 2000 * SLOWNESS, interval: 5 }).toBe(false);

/** The next tsrun command finishes what a crash left: afterwards nothing is there, and `name` is free. */
async function expectFinished(): Promise<void> {
	expect(await tsrun('ps', '-aq')).toMatchObject({ exitCode: 0, stdout: '' });
	expect(await leftovers(sandbox, before)).toEqual([]);
}

/** What was being copied into a volume is garbage of the store, which `system prune` finds (docs/store.md). */
async function expectFinishedButCopies(): Promise<void> {
	expect(await tsrun('ps', '-aq')).toMatchObject({ exitCode: 0, stdout: '' });
	const left = async (): Promise<readonly string[]> =>
		(await leftovers(sandbox, before, 0)).filter(line => !line.startsWith('files: root/tmp/work-'));
	await expect.poll(left, { timeout: 2000 * SLOWNESS }).toEqual([]);
}

beforeAll(async () => {
	image = await witnessImage(`${sandbox.dir}/image`, {
		busybox: true,
		config: { Volumes: { '/volume': {} } },
		files: [{ name: 'volume/', mode: 0o755 }],
	});
	// The first run extracts the layers, which stay.
	expect((await tsrun('run', '--rm', image, 'exit', '0')).exitCode).toBe(0);
});
beforeEach(() => {
	before = readHostState(sandbox);
});
afterEach(async () => {
	expect(await leftovers(sandbox, before)).toEqual([]);
});
afterAll(() => sandbox.remove());

describe('SIGKILL of the supervisor', () => {
	it.each<[string, readonly string[], readonly string[]]>([
		['alone', [], ['sleep', '100']],
		['with a reaper', ['--init'], ['sleep', '100']],
		['as a user', ['--user', 'guest'], ['sleep', '100']],
		['in a user namespace', ['--userns', 'private:300000:65536'], ['sleep', '100']],
		['in the pid namespace of the host', ['--pid', 'host'], ['sleep', '100']],
		['in the pid namespace of the host with a reaper', ['--pid', 'host', '--init'], ['sleep', '100']],
		['with daemons', ['--entrypoint', '/bin/sh'], ['-c', 'sleep 1000 & setsid sleep 1000 & echo up; sleep 100']],
	])('ends the container at once: %s', async (_, flags, words) => {
		const container = startTsrun(sandbox, ['run', '--rm', '--name', 'crashed', ...flags, image, ...words]);
		await container.nextLine();
		const [listed] = await list();
		expect(listed).toMatchObject({ name: 'crashed', status: 'running' });
		const children = readFileSync(`/proc/${listed?.pid}/task/${listed?.pid}/children`, 'utf8').trim().split(' ');
		process.kill(container.pid, 'SIGKILL');
		expect(await container.ended).toBe(137);
		await gone(listed?.pid ?? 0);
		if (!flags.includes('host')) for (const child of children.filter(Boolean)) await gone(Number(child));
		await expectFinished();
	});

	it('of a container without --rm leaves one that has ended, and rm removes it', async () => {
		const container = startTsrun(sandbox, ['run', '--name', 'crashed', image, 'sleep', '100']);
		await container.nextLine();
		process.kill(container.pid, 'SIGKILL');
		await container.ended;
		expect(await list()).toMatchObject([{ name: 'crashed', status: 'exited' }]);
		const left = async (): Promise<readonly string[]> =>
			(await leftovers(sandbox, before, 0)).filter(line => !line.startsWith('files: '));
		await expect.poll(left, { timeout: 2000 * SLOWNESS }).toEqual([]);
		expect(await tsrun('rm', '-v', 'crashed')).toMatchObject({ exitCode: 0, stdout: 'crashed\n' });
		await expectFinished();
	});

	it('and of everything else at once', async () => {
		const names = ['one', 'two', 'three'];
		const started = names.map(name =>
			startTsrun(sandbox, ['run', ...(name === 'two' ? [] : ['--rm']), '--name', name, image, 'sleep', '100']),
		);
		for (const each of started) await each.nextLine();
		const pids = (await list()).map(({ pid }) => pid ?? 0);
		expect(pids).toHaveLength(3);
		for (const pid of [...pids, ...started.map(({ pid }) => pid)]) process.kill(pid, 'SIGKILL');
		await Promise.all(started.map(({ ended }) => ended));
		expect(await list()).toMatchObject([{ name: 'two', status: 'exited' }]);
		expect((await tsrun('rm', '-v', 'two')).exitCode).toBe(0);
		await expectFinished();
	});

	it('again and again under one name, found by the next run itself', async () => {
		for (let round = 0; round < 4; round++) {
			const container = startTsrun(sandbox, ['run', '--rm', '--name', 'again', image, 'sleep', '100']);
			await container.nextLine();
			process.kill(container.pid, 'SIGKILL');
			await container.ended;
		}
		expect((await tsrun('run', '--rm', '--name', 'again', image, 'exit', '3')).exitCode).toBe(3);
		expect(files()).toEqual([]);
	});
});

/** The supervisor became a program that waits, at the step that failed: so a test can kill it exactly there. */
const WAIT = ['/bin/sleep', '600'];

async function killAtStep(
	{ options, list, index }: { options: Partial<RunOptions>; list: 'setup' | 'init'; index: number },
	noteLength: (length: number) => void,
): Promise<InjectedContainer> {
	const container = await startInjected(sandbox, {
		image,
		args: ['exit', '0'],
		options,
		change: (plan: Plan) => {
			noteLength(plan[list].length);
			return withImpossibleStep(plan, list, index);
		},
		reporter: WAIT,
	});
	const limit = { timeout: 10_000 * SLOWNESS, interval: 2 };
	await expect.poll(() => container.progress()?.failed, limit).toMatchObject({ list, step: index });
	const { supervisor = 0, init = 0 } = container.progress() ?? {};
	const comm = (): string => readFileSync(`/proc/${supervisor}/comm`, 'utf8').trim();
	await expect.poll(comm, limit).toBe('sleep');
	process.kill(supervisor, 'SIGKILL');
	expect(await container.ended).toBe(-1);
	if (init > 0) await gone(init);
	return container;
}

describe('SIGKILL of the supervisor at each step', () => {
	it.each<[string, Partial<RunOptions>]>([
		['with a reaper, limits and a volume', { init: true, resources: { memory: 64 << 20 }, user: 'guest' }],
		['with a user namespace', { userns: { kind: 'private', first: 300_000, size: 65_536 } }],
	])(
		'of setup and init is made good: %s',
		async (_, options) => {
			let killed = 0;
			for (const list of ['setup', 'init'] as const) {
				for (let index = 0, length = 1; index < length; index += STRIDE, killed++) {
					await killAtStep({ options: { ...options, rm: true, name: 'step' }, list, index }, found => {
						length = found;
					});
					// Every tenth time by the command, else by the next container of this name.
					if (killed % 10 === 0) await expectFinished();
				}
			}
			await expectFinished();
			expect(killed).toBeGreaterThan(60 / STRIDE);
		},
		600_000,
	);

	it.each([[true], [false]])(
		'of teardown is made good, --rm %s',
		async rm => {
			for (let index = 0, length = 1; index < length; index++) {
				const container = await startInjected(sandbox, {
					image,
					args: ['exit', '5'],
					options: { rm, name: 'step', resources: { memory: 64 << 20 } },
					change: (plan: Plan) => {
						length = plan.teardown.length;
						return withImpossibleStep(plan, 'teardown', index);
					},
				});
				expect([index, await container.ended]).toEqual([index, 5]);
				const listed = await list();
				if (!rm) {
					expect([index, listed]).toMatchObject([index, [{ id: container.id, status: 'exited', exitCode: 5 }]]);
					expect((await tsrun('rm', '-v', 'step')).exitCode).toBe(0);
				}
				await expectFinished();
			}
		},
		600_000,
	);
});

describe('SIGKILL of tsrun before the container runs', () => {
	it('at any moment leaves nothing to the next command, and the name free', {
		timeout: 300_000 * SLOWNESS,
	}, async () => {
		const rounds = 40 / STRIDE;
		let ran = 0;
		for (let round = 0; round < rounds; round++) {
			const container = startTsrun(sandbox, ['run', '--rm', '--name', 'early', image, 'sleep', '100']);
			await sleep(Math.random() * 150 * SLOWNESS);
			process.kill(container.pid, 'SIGKILL');
			expect(await container.ended).toBe(137);
			if (round % 4 === 3) await expectFinishedButCopies();
			ran++;
		}
		expect((await tsrun('run', '--rm', '--name', 'early', image, 'exit', '3')).exitCode).toBe(3);
		expect(ran).toBe(rounds);
		await expectFinishedButCopies();
		expect((await tsrun('system', 'prune', '--force')).exitCode).toBe(0);
		await expectFinished();
	});

	it('in the middle of making its state: an unfinished directory and a name without a container go', async () => {
		// What is there between mkdir and rename, with nobody who holds the lock.
		const id = 'ab'.repeat(32);
		mkdirSync(join(sandbox.state, `.new-${id}`));
		symlinkSync(id, join(sandbox.state, '.names', 'early'));
		await expectFinished();
		symlinkSync(id, join(sandbox.state, '.names', 'early'));
		mkdirSync(join(sandbox.state, `.new-${id}`));
		expect((await tsrun('run', '--rm', '--name', 'early', image, 'exit', '3')).exitCode).toBe(3);
		await expectFinished();
	});

	it.each(['plan', 'state.json', 'progress'])('in the middle of removing its state: %s is gone already', async name => {
		expect((await tsrun('run', '--name', 'half', image, 'exit', '0')).exitCode).toBe(0);
		const [id = ''] = readdirSync(sandbox.state).filter(entry => /^[0-9a-f]{64}$/.test(entry));
		rmSync(join(sandbox.root, 'containers', id), { recursive: true });
		rmSync(join(sandbox.state, id, name));
		if (name === 'plan') expect((await tsrun('rm', 'half')).exitCode).toBe(0);
		// its anonymous volume stays, as after any container without --rm
		expect((await tsrun('volume', 'prune', '-f')).stdout).toMatch(/^Deleted Volumes:\n[0-9a-f]{64}\n/);
		await expectFinished();
	});
});

describe('one name', () => {
	it('is given to exactly one of several containers that start at once', async () => {
		for (let round = 0; round < 3 / STRIDE; round++) {
			const started = [1, 2, 3, 4].map(() =>
				startTsrun(sandbox, ['run', '--rm', '--name', 'same', image, 'sleep', '100']),
			);
			const outcomes = started.map(each =>
				each.nextLine().then(
					() => 'won',
					() => each.ended,
				),
			);
			const lost = (await Promise.all(outcomes)).filter(outcome => outcome !== 'won');
			expect(lost).toEqual([125, 125, 125]);
			expect(await list()).toMatchObject([{ name: 'same', status: 'running' }]);
			expect((await tsrun('rm', '-f', 'same')).exitCode).toBe(0);
			expect((await Promise.all(started.map(({ ended }) => ended))).toSorted()).toEqual([125, 125, 125, 137]);
			const refused = started.filter(each => each.stderr() !== '');
			for (const { stderr } of refused) expect(stderr()).toMatch(/the container name "same" is already in use/);
			expect(refused).toHaveLength(3);
		}
	});
});
