import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { bundleConfig, createBundle } from '../support/bundle.ts';
import { leftovers, readHostState } from '../support/leftovers.ts';
import { eventually, ociRuntime, writeConfig } from '../support/oci-runtime.ts';
import { createSandbox, TSRUN } from '../support/run-tsrun.ts';

const sandbox = createSandbox();
const bundle = createBundle(sandbox);
afterAll(() => sandbox.remove());

describe.each(['tsrun', 'runc'] as const)('a container of %s', name => {
	const runtime = ociRuntime(name, sandbox);
	const id = `life-${name}`;
	afterEach(async () => {
		await runtime.run(['delete', '--force', id]);
	});
	const create = async (...args: readonly string[]): Promise<void> => {
		writeConfig(bundle, bundleConfig(...args));
		await runtime.must(['create', '--bundle', bundle, id]);
	};
	const hasStatus = (status: string) => async () => ((await runtime.state(id)).status === status ? true : undefined);

	it('goes from created to running to stopped, and is gone when it is deleted', async () => {
		writeConfig(bundle, bundleConfig());
		const before = readHostState(sandbox);
		await create('sleep', '100');
		const { pid, ...created } = await runtime.state(id);
		expect(created).toMatchObject({ ociVersion: expect.stringMatching(/^1\./), id, status: 'created', bundle });
		expect(readlinkSync(`/proc/${pid}/ns/pid`)).not.toBe(readlinkSync('/proc/self/ns/pid'));
		await runtime.must(['start', id]);
		expect(await runtime.state(id)).toMatchObject({ pid, status: 'running' });
		expect(readFileSync(`/proc/${pid}/cmdline`, 'latin1')).toBe(['/witness', 'sleep', '100', ''].join('\0'));
		await runtime.must(['kill', id, 'KILL']);
		await eventually(hasStatus('stopped'));
		expect(await runtime.state(id)).toMatchObject({ status: 'stopped', pid: 0 });
		await runtime.must(['delete', id]);
		expect(await runtime.run(['state', id])).toMatchObject({
			exitCode: 1,
			stderr: expect.stringContaining('does not exist'),
		});
		if (name === 'tsrun') expect(await leftovers(sandbox, before)).toEqual([]);
	});

	it('holds its own null device where its streams are that of the host', async () => {
		writeConfig(bundle, bundleConfig('sleep', '100'));
		const wrapper = ['sh', '-c', 'exec "$@" </dev/null >/dev/null 2>&1', 'sh'];
		await runtime.must(['run', '-d', '--bundle', bundle, id], { wrapper });
		const { pid } = await runtime.state(id);
		const mounts = readFileSync(`/proc/${pid}/mountinfo`, 'utf8').split('\n');
		for (const fd of [0, 1, 2]) {
			expect(readlinkSync(`/proc/${pid}/fd/${fd}`)).toBe('/dev/null');
			const [, mount] = /^mnt_id:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'utf8')) ?? [];
			expect(mounts.find(line => line.startsWith(`${mount} `))).toMatch(/ \/dev /);
		}
	});

	it('runs its program only once it is started, with the arguments that it was created with', async () => {
		const marker = join(bundle, 'rootfs/tmp/started');
		rmSync(marker, { recursive: true, force: true });
		await create('mkdir', '/tmp/started');
		writeConfig(bundle, bundleConfig('exit', '9'));
		await new Promise(done => setTimeout(done, 50));
		expect(existsSync(marker)).toBe(false);
		await runtime.must(['start', id]);
		await eventually(hasStatus('stopped'));
		expect(existsSync(marker)).toBe(true);
	});

	if (name === 'tsrun')
		it('is started and deleted without the modules of Node that only rare paths need', async () => {
			const hook = join(sandbox.dir, 'loaded.cjs');
			const list = join(sandbox.dir, 'loaded');
			writeFileSync(
				hook,
				`process.on('exit', () => require('fs').writeFileSync(${JSON.stringify(list)}, process.moduleLoadList.join('\\n')))`,
			);
			const loaded = async (...args: readonly string[]): Promise<readonly string[]> => {
				// the list is Node's
				execFileSync(join(dirname(TSRUN), 'tsrun-node'), ['--root', runtime.root, ...args], {
					env: { ...process.env, ...sandbox.env, NODE_OPTIONS: `--require ${hook}` },
				});
				return readFileSync(list, 'utf8').split('\n');
			};
			await create('sleep', '100');
			for (const args of [
				['start', id],
				['delete', '--force', id],
			]) {
				const modules = await loaded(...args);
				expect(modules).toContain('NativeModule fs');
				expect(modules.filter(each => /^NativeModule (child_process|net|crypto|worker_threads)$/.test(each))).toEqual(
					[],
				);
			}
		});

	it('is created under a filter that is older than faccessat2', async () => {
		const config = bundleConfig('exit', '0');
		const refusal = { names: ['faccessat2'], action: 'SCMP_ACT_ERRNO', errnoRet: 1 };
		const seccomp = { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [refusal] };
		writeConfig(bundle, { ...config, linux: { ...config.linux, seccomp } });
		await runtime.must(['create', '--bundle', bundle, id]);
		expect((await runtime.state(id)).status).toBe('created');
	});

	it.each(['TERM', 'INT', 'HUP'])('ends by SIG%s while it waits for its start', async signal => {
		await create('sleep', '100');
		await runtime.must(['kill', id, signal]);
		await eventually(hasStatus('stopped'));
	});

	it('leaves its cgroup where it is told to stay, and takes it away when it is deleted', async () => {
		const config = bundleConfig('exit', '3');
		const cgroupsPath = `/tsrun-test-${process.pid}/kept-${name}`;
		writeConfig(bundle, { ...config, linux: { ...config.linux, cgroupsPath } });
		expect((await runtime.run(['run', '--keep', '--bundle', bundle, id])).exitCode).toBe(3);
		const directories = () =>
			readdirSync('/sys/fs/cgroup').filter(each => existsSync(join('/sys/fs/cgroup', each, cgroupsPath)));
		const isThere = () => existsSync(join('/sys/fs/cgroup', cgroupsPath)) || directories().length > 0;
		expect([(await runtime.state(id)).status, isThere()]).toEqual(['stopped', true]);
		await runtime.must(['delete', id]);
		expect(isThere()).toBe(false);
	});

	it('refuses what its state does not allow, in words that engines know, and changes nothing', async () => {
		await create('sleep', '100');
		const refused = async (args: readonly string[], words: string): Promise<void> => {
			const { exitCode, stderr } = await runtime.run(args);
			expect([exitCode, stderr]).toEqual([1, expect.stringContaining(words)]);
		};
		await refused(
			['create', '--bundle', bundle, id],
			name === 'tsrun' ? 'container with given ID already exists' : 'exist',
		);
		await runtime.must(['start', id]);
		await refused(['start', id], 'cannot start an already running container');
		await refused(['delete', id], 'that is not stopped: running');
		await refused(['kill', id, 'NOSUCH'], 'unknown signal');
		expect((await runtime.state(id)).status).toBe('running');
		await runtime.must(['kill', id, '9']);
		await eventually(hasStatus('stopped'));
		await refused(['start', id], 'cannot start a container that has stopped');
		await refused(['kill', id], 'container not running');
	});

	it.each([['state'], ['start'], ['kill'], ['delete']])('%s says that there is no such container', async command => {
		expect(await runtime.run([command, 'nobody'])).toMatchObject({
			exitCode: 1,
			stderr: expect.stringContaining('container does not exist'),
		});
	});

	it('delete --force ends what runs, and is no error where nothing is', async () => {
		await create('sleep', '100');
		await runtime.must(['start', id]);
		const { pid } = await runtime.state(id);
		await runtime.must(['delete', '--force', id]);
		expect(existsSync(`/proc/${pid}/cmdline`) && readFileSync(`/proc/${pid}/cmdline`, 'latin1')).toBeFalsy();
		await runtime.must(['delete', '--force', id]);
	});

	it('delete of a created container ends it', async () => {
		await create('sleep', '100');
		const { pid } = await runtime.state(id);
		await runtime.must(['delete', id]);
		expect(existsSync(`/proc/${pid}/cmdline`) && readFileSync(`/proc/${pid}/cmdline`, 'latin1')).toBeFalsy();
	});

	it('writes the pid file before create ends', async () => {
		writeConfig(bundle, bundleConfig('sleep', '100'));
		const file = join(sandbox.dir, `pid-${name}`);
		await runtime.must(['create', '--bundle', bundle, '--pid-file', file, id]);
		expect(Number(readFileSync(file, 'utf8'))).toBe((await runtime.state(id)).pid);
		expect(readdirSync(sandbox.dir).filter(entry => entry.startsWith('.pid'))).toEqual([]);
	});

	it('is listed as table, as JSON and as ids', async () => {
		await create('sleep', '100');
		const { pid } = await runtime.state(id);
		const table = (await runtime.must(['list'])).stdout.split('\n');
		expect(table[0]).toMatch(/^ID +PID +STATUS +BUNDLE +CREATED +OWNER/);
		expect(table.find(line => line.startsWith(id))).toMatch(
			new RegExp(`^${id} +${pid} +created +${bundle} +\\S+ +root`),
		);
		const listed = JSON.parse((await runtime.must(['list', '-f', 'json'])).stdout) as readonly object[];
		expect(listed).toEqual([expect.objectContaining({ id, pid, status: 'created', bundle, owner: 'root' })]);
		expect((await runtime.must(['list', '-q'])).stdout).toBe(`${id}\n`);
	});

	it('in the foreground ends with the exit code of its program and leaves nothing', async () => {
		writeConfig(bundle, bundleConfig('exit', '7'));
		expect((await runtime.run(['run', '--bundle', bundle, id])).exitCode).toBe(7);
		expect((await runtime.run(['state', id])).exitCode).toBe(1);
	});

	it('detached goes on when run has ended, and waits to be deleted', async () => {
		writeConfig(bundle, bundleConfig('sleep', '100'));
		await runtime.must(['run', '--detach', '--bundle', bundle, id]);
		expect((await runtime.state(id)).status).toBe('running');
		await runtime.must(['kill', id, 'SIGKILL']);
		await eventually(hasStatus('stopped'));
	});

	it('takes the bundle from the current directory', async () => {
		writeConfig(bundle, bundleConfig('sleep', '100'));
		await runtime.must(['create', id], { cwd: bundle });
		expect((await runtime.state(id)).bundle).toBe(bundle);
	});

	it('refuses a program that is not there when it is created', async () => {
		for (const [program, words] of [
			['nosuch', 'exec: "nosuch": executable file not found in $PATH'],
			['/nosuch', 'no such file or directory'],
			['/etc', 'permission denied'],
		] as const) {
			const config = bundleConfig();
			writeConfig(bundle, { ...config, process: { ...config.process, args: [program] } });
			const log = join(sandbox.dir, `log-${name}`);
			const result = await runtime.run(['--log', log, '--log-format', 'json', 'create', '--bundle', bundle, id]);
			expect(result).toMatchObject({ exitCode: 1, stderr: expect.stringContaining(words) });
			const lines = readFileSync(log, 'utf8').trim().split('\n');
			expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ level: 'error', msg: expect.stringContaining(words) });
			expect((await runtime.run(['state', id])).exitCode).toBe(1);
		}
	});
});

describe('one state directory', () => {
	const runtime = ociRuntime('tsrun', sandbox);

	it('shows containers of both worlds to both, and rm removes what was created from a bundle', async () => {
		writeConfig(bundle, bundleConfig('sleep', '100'));
		await runtime.must(['create', '--bundle', bundle, 'both']);
		const listed = await runtime.must(['ps', '-a', '--format', 'json']);
		expect(JSON.parse(listed.stdout)).toMatchObject({
			ID: 'both',
			State: 'created',
			Command: '"/witness sleep 100"',
		});
		expect(await runtime.run(['rm', 'both'])).toMatchObject({ exitCode: 0, stdout: 'both\n' });
		await runtime.must(['run', '-d', '--bundle', bundle, 'both']);
		expect((await runtime.must(['ps', '-q'])).stdout).toBe('both\n');
		expect(await runtime.run(['rm', 'both'])).toMatchObject({
			exitCode: 1,
			stderr: expect.stringContaining('running'),
		});
		await runtime.must(['rm', '-f', 'both']);
		expect((await runtime.must(['list', '-q'])).stdout).toBe('');
	});
});
