import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bundleConfig, type Config, createBundle } from '../support/bundle.ts';
import { leftovers, readHostState } from '../support/leftovers.ts';
import { eventually, ociRuntime, writeConfig } from '../support/oci-runtime.ts';
import { createSandbox } from '../support/run-tsrun.ts';

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
		await eventually(async () => ((await runtime.state(id)).status === 'stopped' ? true : undefined));
		await runtime.must(['delete', id]);
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

	it('refuses a container that does not run, one with a terminal, and a CRIU that is not there', async () => {
		writeConfig(bundle, bundleConfig('sleep', '1000'));
		await runtime.must(['create', '--bundle', bundle, id]);
		const checkpoint = (...flags: readonly string[]) =>
			runtime.run([...flags, 'checkpoint', '--image-path', images, id]);
		expect((await checkpoint()).stderr).toContain('cannot checkpoint a container that is created');
		await runtime.must(['start', id]);
		expect((await checkpoint('--criu', '/no/criu')).stderr).toMatch(/cannot run \/no\/criu: ENOENT/);
		const terminal = bundleConfig('sleep', '1');
		writeConfig(bundle, { ...terminal, process: { ...terminal.process, terminal: true } });
		mkdirSync(images, { recursive: true });
		writeFileSync(join(images, 'inventory.img'), '');
		const restored = await runtime.run(['restore', '--image-path', images, '--bundle', bundle, 'other']);
		expect(restored.stderr).toContain('a container with a terminal cannot be restored');
	});
});
