import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bundleConfig, type Config, createBundle } from '../support/bundle.ts';
import { cgroupParent } from '../support/cgroup-parent.ts';
import { leftovers, readHostState } from '../support/leftovers.ts';
import { eventually, ociRuntime, writeConfig } from '../support/oci-runtime.ts';
import { createSandbox } from '../support/run-tsrun.ts';
import { serveDescriptor } from '../support/serve-descriptor.ts';

/** CRIU of Debian 12 works on its own kernel, 6.1, and finds one newer than 6.6 missing what it wants. */
const criuWorks = spawnSync('criu', ['check'], { stdio: 'ignore' }).status === 0;

const sandbox = createSandbox();
const bundle = createBundle(sandbox);
const runtime = ociRuntime('tsrun', sandbox);
const id = 'frozen';
const images = join(sandbox.dir, 'images');
afterAll(() => sandbox.remove());
afterEach(async () => {
	for (const name of [id, 'other']) await runtime.run(['delete', '--force', name]);
});

/** Its streams are /dev/null, which CRIU can open again. */
async function start(change: (config: Config) => Config = config => config): Promise<number> {
	writeConfig(bundle, change(bundleConfig('sleep', '1000')));
	const wrapper = ['sh', '-c', 'exec "$@" >/dev/null 2>&1 </dev/null', 'sh'];
	await runtime.must(['run', '-d', '--bundle', bundle, id], { wrapper });
	return (await runtime.state(id)).pid;
}

describe('checkpoint and restore', () => {
	beforeEach(() => {
		expect(spawnSync('criu', ['--version'], { stdio: 'ignore' }).status).toBe(0);
	});

	it('where CRIU can: the same process goes on from where it was, else: a refusal that names the log, and it runs on', async () => {
		const before = readHostState(sandbox);
		const pid = await start();
		const hostname = readFileSync(`/proc/${pid}/cmdline`, 'latin1');
		const result = await runtime.run(['checkpoint', '--image-path', images, id]);
		if (!criuWorks) {
			expect(result).toMatchObject({
				exitCode: 1,
				stderr: expect.stringMatching(/criu failed: dump: .*\n.*dump\.log/),
			});
			expect((await runtime.state(id)).status).toBe('running');
			return;
		}
		expect(result).toMatchObject({ exitCode: 0 });
		// As under runc.
		expect(await runtime.run(['state', id])).toMatchObject({ stderr: expect.stringContaining('does not exist') });
		const pidFile = join(sandbox.dir, 'restored');
		await runtime.must(['restore', '-d', '--pid-file', pidFile, '--image-path', images, '--bundle', bundle, id]);
		const restored = await runtime.state(id);
		expect(restored).toMatchObject({ status: 'running', pid: Number(readFileSync(pidFile, 'utf8')) });
		expect(readFileSync(`/proc/${restored.pid}/cmdline`, 'latin1')).toBe(hostname);
		await runtime.must(['kill', id, 'KILL']);
		await eventually(async () => ((await runtime.state(id)).status === 'stopped' ? true : undefined));
		await runtime.must(['delete', id]);
		expect((await leftovers(sandbox, before)).filter(line => !line.startsWith('files: '))).toEqual([]);
	});

	it('leaves it running where asked, and a pre-dump always does', async () => {
		await start();
		const pre = await runtime.run(['checkpoint', '--pre-dump', '--image-path', join(sandbox.dir, 'first'), id]);
		const dump = await runtime.run([
			...[
				'checkpoint',
				'--leave-running',
				'--parent-path',
				'../first',
				'--image-path',
				join(sandbox.dir, 'second'),
				id,
			],
		]);
		expect([pre.exitCode, dump.exitCode]).toEqual(criuWorks ? [0, 0] : [1, 1]);
		expect((await runtime.state(id)).status).toBe('running');
	});

	it.each([
		[join(sandbox.dir, 'absolute'), '--parent-path must be relative'],
		['../nowhere', 'invalid --parent-path'],
	])('refuses earlier images at %s before anything is made', async (path, words) => {
		await start();
		const made = join(sandbox.dir, 'never');
		expect(await runtime.run(['checkpoint', '--parent-path', path, '--image-path', made, id])).toMatchObject({
			exitCode: 1,
			stderr: expect.stringContaining(words),
		});
		expect(existsSync(made)).toBe(false);
	});

	it('refuses what is no checkpoint before anything is made', async () => {
		writeConfig(bundle, bundleConfig('sleep', '1000'));
		const empty = join(sandbox.dir, 'empty');
		mkdirSync(empty, { recursive: true });
		expect(await runtime.run(['restore', '-d', '--image-path', empty, '--bundle', bundle, id])).toMatchObject({
			exitCode: 1,
			stderr: expect.stringContaining('holds no checkpoint'),
		});
		expect(existsSync(join(runtime.root, id))).toBe(false);
	});

	it('of images that are no images is undone completely, and the log is named (CVE-2026-53489: its links are not followed)', async () => {
		writeConfig(bundle, bundleConfig('sleep', '1000'));
		const hostile = join(sandbox.dir, 'hostile');
		mkdirSync(hostile, { recursive: true });
		writeFileSync(join(hostile, 'inventory.img'), 'no image');
		symlinkSync('/etc/shadow', join(hostile, 'descriptors.json'));
		const before = readHostState(sandbox);
		expect(await runtime.run(['restore', '-d', '--image-path', hostile, '--bundle', bundle, id])).toMatchObject({
			exitCode: 1,
			stderr: expect.stringMatching(/criu failed: restore: .*\n.*restore\.log/),
		});
		expect((await runtime.run(['state', id])).exitCode).toBe(1);
		expect((await leftovers(sandbox, before)).filter(line => !line.includes('hostile/'))).toEqual([]);
	});

	it('refuses a container that does not run, and a CRIU that is not there', async () => {
		writeConfig(bundle, bundleConfig('sleep', '1000'));
		await runtime.must(['create', '--bundle', bundle, id]);
		const checkpoint = (...flags: readonly string[]) =>
			runtime.run([...flags, 'checkpoint', '--image-path', images, id]);
		expect((await checkpoint()).stderr).toContain('cannot checkpoint a container that is created');
		await runtime.must(['start', id]);
		expect((await checkpoint('--criu', '/no/criu')).stderr).toContain('cannot run /no/criu: not found');
	});

	it('refuses a server for pages and a descriptor for its status that are none, before anything is made', async () => {
		await start();
		for (const [flag, value, words] of [
			['--page-server', 'nowhere', 'Use --page-server ADDRESS:PORT to specify page server'],
			['--status-fd', '77', 'invalid --status-fd argument 77: not an open descriptor'],
			['--status-fd', 'x', 'invalid --status-fd argument x: not an open descriptor'],
		] as const) {
			const made = join(sandbox.dir, 'never');
			expect(await runtime.run(['checkpoint', flag, value, '--image-path', made, id])).toMatchObject({
				exitCode: 1,
				stderr: expect.stringContaining(words),
			});
			expect(existsSync(made)).toBe(false);
		}
	});
});

const DEVPTS = { destination: '/dev/pts', type: 'devpts', source: 'devpts', options: ['newinstance', 'ptmxmode=0666'] };
const GO = join(bundle, 'rootfs/go');
copyFileSync('/bin/busybox', join(bundle, 'rootfs/bin/busybox'));
/** It waits for what is written to /go, and says it. */
const waiting = (terminal: boolean): Config => {
	const config = bundleConfig();
	const args = ['/bin/busybox', 'sh', '-c', 'read words </go; echo "$words"'];
	return { ...config, process: { ...config.process, args, terminal }, mounts: [...config.mounts, DEVPTS] };
};
const say = (words: string): Promise<unknown> => execa('timeout', ['60', 'sh', '-c', `echo ${words} >${GO}`]);

describe.each(['runc', 'tsrun'] as const)('%s restores a container with a terminal', name => {
	const peer = ociRuntime(name, sandbox);
	const saved = join(sandbox.dir, `terminal-${name}`);
	beforeEach(() => {
		if (!existsSync(GO)) spawnSync('mkfifo', [GO]);
	});
	afterEach(async () => {
		await peer.run(['delete', '--force', id]);
	});

	it('where CRIU can: who serves the console socket gets its other end, else: it runs on', async () => {
		writeConfig(bundle, waiting(true));
		const [first, second] = ['first', 'second'].map(file => join(sandbox.dir, `${file}-${name}`)) as [string, string];
		const before = await serveDescriptor(first);
		await peer.must(['run', '-d', '--bundle', bundle, '--console-socket', first, id]);
		const result = await peer.run(['checkpoint', '--image-path', saved, id]);
		if (!criuWorks) {
			expect(result.exitCode).toBe(1);
			expect((await peer.state(id)).status).toBe('running');
			before.stop();
			return;
		}
		expect(result).toMatchObject({ exitCode: 0 });
		const after = await serveDescriptor(second);
		await peer.must([
			...['restore', '-d', '--bundle', bundle, '--image-path', saved, '--work-path', saved],
			...['--console-socket', second, id],
		]);
		await say('once-more');
		const [received = '', ...rest] = (await after.output).split('\n');
		expect(JSON.parse(received)).toMatchObject({ terminal: true });
		expect(rest.join('')).toContain('once-more');
	});
});

describe('a restored container', () => {
	const parent = cgroupParent('criu');
	const NETWORKS = ['tsrun-criu-1', 'tsrun-criu-2'];
	const saved = join(sandbox.dir, 'saved');
	const restore = (...flags: readonly string[]) =>
		runtime.run(['restore', '-d', '--bundle', bundle, '--image-path', saved, ...flags, id]);

	/** Where CRIU cannot, an inventory stands for a checkpoint, and a restore fails in CRIU. */
	async function checkpoint(config: Config): Promise<void> {
		await start(() => config);
		if (criuWorks) await runtime.must(['checkpoint', '--image-path', saved, id]);
		else {
			mkdirSync(saved, { recursive: true });
			writeFileSync(join(saved, 'inventory.img'), '');
			await runtime.must(['delete', '--force', id]);
		}
	}

	it('has the cgroup, the limits, the network and the hooks of its bundle, not those of its images; else nothing is left', async () => {
		const before = readHostState(sandbox);
		for (const netns of NETWORKS) await execa('ip', ['netns', 'add', netns]);
		try {
			const config = bundleConfig('sleep', '1000');
			const withNetwork = (path: string, cgroupsPath: string, limit: number): Config => ({
				...config,
				linux: {
					namespaces: ['pid', 'ipc', 'uts', 'mount']
						.map(type => ({ type }))
						.concat([{ type: 'network', path } as never]),
					cgroupsPath,
					resources: { pids: { limit } },
				},
			});
			await checkpoint(withNetwork('/run/netns/tsrun-criu-1', `${parent.path}/before`, 30));
			const note = join(sandbox.dir, 'note');
			const hook = { path: '/bin/sh', args: ['sh', '-c', `cat >${note}`] };
			const other = withNetwork('/run/netns/tsrun-criu-2', `${parent.path}/after`, 20);
			writeConfig(bundle, { ...other, hooks: { createRuntime: [hook] } });
			const result = await restore();
			if (!criuWorks) expect(result.stderr).toMatch(/criu failed: restore/);
			else {
				expect(result).toMatchObject({ exitCode: 0 });
				const { pid } = await runtime.state(id);
				expect(JSON.parse(readFileSync(note, 'utf8'))).toMatchObject({ id, pid, status: 'creating' });
				expect(readFileSync(`/proc/${pid}/cgroup`, 'utf8')).toBe(`0::${parent.path}/after\n`);
				expect(readFileSync(join(parent.of('pids', 'after'), 'pids.max'), 'utf8')).toBe('20\n');
				const { stdout } = await execa('ip', ['netns', 'identify', String(pid)]);
				expect(stdout).toBe('tsrun-criu-2');
				await runtime.must(['delete', '--force', id]);
			}
		} finally {
			for (const netns of NETWORKS) await execa('ip', ['netns', 'delete', netns]);
			parent.remove();
		}
		expect((await leftovers(sandbox, before)).filter(line => !line.startsWith('files: '))).toEqual([]);
	});

	it('is refused where nobody serves its console socket, where it would be in the foreground, and where a namespace is gone', async () => {
		await checkpoint(bundleConfig('sleep', '1000'));
		writeConfig(bundle, waiting(true));
		const socket = join(sandbox.dir, 'nobody');
		expect(await restore('--console-socket', socket)).toMatchObject({
			exitCode: 1,
			stderr: expect.stringContaining(`cannot connect to the console socket ${socket}: no such file or directory`),
		});
		expect((await restore()).stderr).toContain(
			'cannot allocate tty if runc will detach without setting console socket',
		);
		const foreground = await runtime.run(['restore', '--bundle', bundle, '--image-path', saved, id]);
		expect(foreground.stderr).toContain('a container with a terminal is not restored in the foreground');
		const config = bundleConfig('sleep', '1000');
		writeConfig(bundle, {
			...config,
			linux: { namespaces: [{ type: 'mount' }, { type: 'network', path: '/no/netns' }] },
		});
		expect((await restore()).stderr).toContain('/no/netns');
		expect(existsSync(join(runtime.root, id))).toBe(false);
	});

	it('whose hook fails is not there, and the hook is named', async () => {
		const before = readHostState(sandbox);
		const config = bundleConfig('sleep', '1000');
		await checkpoint(config);
		writeConfig(bundle, { ...config, hooks: { createRuntime: [{ path: '/bin/false' }] } });
		const { exitCode, stderr } = await restore();
		expect(exitCode).toBe(1);
		expect(stderr).toMatch(criuWorks ? /\/hooks\/createRuntime\/0/ : /criu failed: restore/);
		expect((await runtime.run(['state', id])).exitCode).toBe(1);
		expect((await leftovers(sandbox, before)).filter(line => !line.startsWith('files: '))).toEqual([]);
	});
});
