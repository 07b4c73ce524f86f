import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Plan, StepList } from '../../src/plan/step.ts';
import type { RunOptions } from '../../src/spec/run-options.ts';
import { startInjected, withImpossibleStep } from './support/injected-container.ts';
import { type HostState, leftovers, readHostState } from './support/leftovers.ts';
import { listContainers } from './support/list-containers.ts';
import { createSandbox, runTsrun, type TsrunOptions, type TsrunResult } from './support/run-tsrun.ts';
import { SLOWNESS, STRIDE } from './support/slowness.ts';
import { startTsrun } from './support/start-tsrun.ts';
import { witnessImage } from './support/witness-image.ts';

const sandbox = createSandbox();
let image = '';
let before: HostState;

const tsrun = (args: readonly string[], options: TsrunOptions = {}): Promise<TsrunResult> =>
	runTsrun(sandbox, args, options);
const run = (
	flags: readonly string[],
	words: readonly string[] = ['report'],
	options: TsrunOptions = {},
): Promise<TsrunResult> => tsrun(['run', '--rm', ...flags, image, ...words], options);
const shell = (flags: readonly string[], script: string): Promise<TsrunResult> =>
	run(['--entrypoint', '/bin/sh', ...flags], ['-c', script]);

beforeAll(async () => {
	image = await witnessImage(`${sandbox.dir}/image`, {
		busybox: true,
		config: { Volumes: { '/volume': {} } },
		files: [{ name: 'volume/', mode: 0o755 }],
	});
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

describe('with --rm nothing is left after', () => {
	it.each<[string, readonly string[], readonly string[], number]>([
		['a program that ends', [], ['exit', '0'], 0],
		['a program that fails', [], ['exit', '9'], 9],
		['a program that kills itself', ['--init'], ['signal', '9'], 137],
		['a program that is not there', ['--entrypoint', ''], ['/no/such'], 127],
		['a working directory that is a file', ['-w', '/etc/passwd'], ['exit', '0'], 125],
		['a sysctl that the kernel does not have', ['--sysctl', 'net.ipv4.no_such=1'], ['exit', '0'], 125],
		['limits too small to start', ['--memory', '100k', '--memory-swap', '100k'], ['exit', '0'], 125],
		['a user namespace', ['--userns', 'private:300000:65536'], ['exit', '4'], 4],
		['shared namespaces', ['--pid', 'host', '--network', 'host', '--ipc', 'host', '--uts', 'host'], ['exit', '4'], 4],
	])('%s', async (_, flags, words, exitCode) => {
		expect((await run(flags, words)).exitCode).toBe(exitCode);
	});

	it('files that only root can remove, and links that lead out', async () => {
		const script = [
			'mkdir -p /a/b && touch /a/b/c && chmod 0 /a/b /a && ln -s / /out && ln -s /volume /volume/self',
			'touch "/$(printf "line\\nbreak")" /-rf && mkfifo /fifo && mknod /null c 1 3 && exit 6',
		].join(' && ');
		expect(await shell([], script)).toMatchObject({ exitCode: 6, stderr: '' });
	});

	it('a tree deeper than a path may be long and than descriptors may be open', async () => {
		const few = ['bash', '-c', 'ulimit -n 64; exec "$@"', 'bash'];
		const words = ['deep', '/tmp', '3000', '--', 'deep', '/volume', '3000'];
		const { actions } = (await run([], words, { wrapper: few })).witness;
		expect(actions).toMatchObject([{ count: 3000 }, { count: 3000 }]);
	});

	it('cgroups that the container made in its own, with processes in them', async () => {
		const script = [
			'cd /sys/fs/cgroup',
			'[ -d pids ] && cd pids',
			'mkdir -p one/two three || exit 1',
			'sleep 1000 &',
			'echo $! >one/two/cgroup.procs || exit 2',
			'grep -q . one/two/cgroup.procs && exit 8',
		].join('\n');
		expect(await shell(['--privileged'], script)).toMatchObject({ exitCode: 8, stderr: '' });
	});

	it('a mount that the container made below a volume', async () => {
		const flags = ['--privileged', '-v', `${sandbox.dir}:/host`];
		expect(await shell(flags, 'mkdir /volume/m && mount -t tmpfs x /volume/m && exit 8')).toMatchObject({
			exitCode: 8,
		});
	});
});

describe('processes in the background', () => {
	const DAEMON = "(trap '' TERM HUP INT QUIT; exec setsid sleep 1000) </dev/null >/dev/null 2>&1 &";

	it('die with the first process, whatever they ignore', async () => {
		expect(await shell([], `${DAEMON} ${DAEMON} sleep 0.2; exit 3`)).toMatchObject({ exitCode: 3 });
	});

	it.each([[[]], [['--init']]])('die with --pid host too: they are in the cgroup %j', async flags => {
		expect(await shell(['--pid', 'host', ...flags], `${DAEMON} ${DAEMON} sleep 0.2; exit 3`)).toMatchObject({
			exitCode: 3,
		});
	});

	it('that hold the standard output do not hold up the end', async () => {
		const began = Date.now();
		expect(await shell(['--pid', 'host'], 'sleep 1000 & echo gone; exit 3')).toMatchObject({
			exitCode: 3,
			stdout: 'gone\n',
		});
		expect(Date.now() - began).toBeLessThan(100_000);
	});
});

describe('without --rm a container', () => {
	const list = async (): Promise<readonly string[]> =>
		(await tsrun(['ps', '-a'])).stdout.split('\n').slice(1).filter(Boolean);
	const isLeft = (path: string): boolean => [...readHostState(sandbox).files].some(name => name.includes(path));

	it('is listed with its exit code, keeps its files, and goes with rm', async () => {
		const words = ['-c', 'echo kept >/kept; exit 7'];
		expect((await tsrun(['run', '--name', 'kept', '--entrypoint', '/bin/sh', image, ...words])).exitCode).toBe(7);
		expect((await tsrun(['ps'])).stdout.split('\n').filter(Boolean)).toHaveLength(1);
		expect(await list()).toEqual([expect.stringMatching(/ Exited \(7\) .+ ago +kept$/)]);
		const [{ id } = { id: 'none' }] = await listContainers(sandbox);
		expect(readFileSync(join(sandbox.root, 'containers', id, 'upper/kept'), 'utf8')).toBe('kept\n');
		// Of processes, mounts and cgroups nothing is left.
		const left = async (): Promise<readonly string[]> =>
			(await leftovers(sandbox, before, 0)).filter(line => !line.startsWith('files: '));
		await expect.poll(left, { timeout: 2000 * SLOWNESS }).toEqual([]);
		expect(await tsrun(['rm', '-v', 'kept'])).toMatchObject({ exitCode: 0, stdout: 'kept\n' });
		expect(await list()).toEqual([]);
		expect(isLeft(id)).toBe(false);
	});

	it('that could not start is listed with tsrun’s exit code, and goes with rm', async () => {
		expect((await tsrun(['run', '--name', 'failed', image, 'exit', '0'], {})).exitCode).toBe(0);
		expect((await tsrun(['run', '--name', 'none', '--entrypoint', '/no/such', image])).exitCode).toBe(127);
		expect(await list()).toEqual([
			expect.stringMatching(/ Exited \(127\) .* +none$/),
			expect.stringMatching(/ Exited \(0\) .* +failed$/),
		]);
		expect(await tsrun(['rm', '-v', 'none', 'failed'])).toMatchObject({ exitCode: 0 });
	});

	it('cannot be removed while it runs, but with rm -f', async () => {
		const running = startTsrun(sandbox, ['run', '--name', 'running', image, 'sleep', '100']);
		await running.nextLine();
		expect(await list()).toEqual([expect.stringMatching(/ Up .* +running$/)]);
		const refused = await tsrun(['rm', 'running']);
		expect(refused.exitCode).toBe(1);
		expect(refused.stderr).toMatch(/container running is running/);
		expect(await tsrun(['rm', '-fv', 'running'])).toMatchObject({ exitCode: 0, stdout: 'running\n' });
		expect(await running.ended).toBe(137);
		expect(await list()).toEqual([]);
	});
});

/** Every step of setup and of init in turn is replaced by one that fails; the plan's length is found on the way. */
async function failEveryStep(options: Partial<RunOptions>): Promise<number> {
	let steps = 0;
	for (const list of ['setup', 'init'] as const) {
		for (let index = 0, length = 1; index < length; index += STRIDE, steps++) {
			const container = await startInjected(sandbox, {
				image,
				args: ['exit', '0'],
				options: { ...options, rm: true },
				change: (plan: Plan) => {
					length = plan[list].length;
					return withImpossibleStep(plan, list, index);
				},
			});
			expect([list, index, await container.ended]).toEqual([list, index, 125]);
			const left = await leftovers(sandbox, before);
			expect([list, index, left] satisfies [StepList, number, unknown]).toEqual([list, index, []]);
		}
	}
	return steps;
}

describe('a failure at any step leaves nothing', () => {
	it('with limits, a reaper, a volume and a sysctl', { timeout: 600_000 * SLOWNESS }, async () => {
		const steps = await failEveryStep({
			init: true,
			resources: { memory: 64 << 20, pidsLimit: 50 },
			sysctl: { 'net.ipv4.ip_default_ttl': '42' },
			user: 'guest',
			workdir: '/made',
			oomScoreAdj: 10,
		});
		expect(steps).toBeGreaterThan(60 / STRIDE);
	});

	it('with a user namespace', { timeout: 600_000 * SLOWNESS }, async () => {
		expect(await failEveryStep({ userns: { kind: 'private', first: 300_000, size: 65_536 } })).toBeGreaterThan(
			60 / STRIDE,
		);
	});
});
