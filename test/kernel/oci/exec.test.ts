import { readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleConfig, createBundle } from '../support/bundle.ts';
import { eventually, ociRuntime, writeConfig } from '../support/oci-runtime.ts';
import { createSandbox } from '../support/run-tsrun.ts';
import { serveDescriptor } from '../support/serve-descriptor.ts';
import { parseWitness } from '../support/witness.ts';

const sandbox = createSandbox();
const bundle = createBundle(sandbox);
const config = bundleConfig('sleep', '1000');
writeFileSync(join(bundle, 'rootfs/etc/passwd'), 'root:x:0:0::/root:/bin/sh\nguest:x:1000:1000::/home/guest:/bin/sh\n');
afterAll(() => sandbox.remove());

describe.each(['tsrun', 'runc'] as const)('exec of %s', name => {
	const runtime = ociRuntime(name, sandbox);
	const id = `exec-${name}`;
	let pid = 0;
	beforeAll(async () => {
		writeConfig(bundle, {
			...config,
			mounts: [
				...config.mounts,
				{ destination: '/dev/pts', type: 'devpts', source: 'devpts', options: ['newinstance', 'ptmxmode=0666'] },
			],
		});
		await runtime.must(['run', '-d', '--bundle', bundle, id]);
		pid = (await runtime.state(id)).pid;
	});
	afterAll(async () => {
		await runtime.run(['delete', '--force', id]);
	});
	const report = async (...flags: readonly string[]) =>
		parseWitness((await runtime.must(['exec', ...flags, id, '/witness'])).stdout).report;

	it('is in every namespace, in the cgroup and at the root of the container, as its process would be', async () => {
		const inside = await report();
		for (const type of ['mnt', 'pid', 'net', 'ipc', 'uts'] as const) {
			expect(inside.namespaces[type]).toBe(readlinkSync(`/proc/${pid}/ns/${type}`));
		}
		expect(inside.cgroup).toEqual(readFileSync(`/proc/${pid}/cgroup`, 'utf8').trim().split('\n'));
		expect(inside.capabilities.bounding).toBe(
			/^CapBnd:\s*(\w+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1],
		);
		expect(inside).toMatchObject({ cwd: '/', uids: [0, 0, 0], env: ['PATH=/bin', 'HOME=/root'] });
	});

	it('finds no descriptor of the host (CVE-2016-8649, CVE-2024-21626)', async () => {
		expect((await report()).fds.map(({ fd }) => fd).filter(fd => fd > 2)).toEqual([]);
	});

	it.each(name === 'tsrun' ? [{ flags: [] }, { flags: ['-t'] }] : [{ flags: [] }])(
		'names the program whose interpreter is missing, and says that execve(2) refused it: $flags',
		async ({ flags }) => {
			writeFileSync(join(bundle, 'rootfs/run.sh'), '#!/no/interpreter\n', { mode: 0o755 });
			const { exitCode, stderr, stdout } = await runtime.run(['exec', ...flags, id, '/run.sh']);
			expect([exitCode === 0, stderr + stdout]).toEqual([
				false,
				expect.stringContaining('exec /run.sh: no such file or directory'),
			]);
			rmSync(join(bundle, 'rootfs/run.sh'));
		},
	);

	it('takes user, groups, environment, directory and capabilities from the flags', async () => {
		const flags = ['--user', '1000:1001', '-g', '7', '-e', 'A=b', '--cwd', '/tmp', '--no-new-privs'];
		const inside = await report(...flags);
		expect(inside).toMatchObject({ uids: [1000, 1000, 1000], gids: [1001, 1001, 1001], cwd: '/tmp', noNewPrivs: 1 });
		expect(inside.groups).toContain(7);
		expect(inside.env).toEqual(['PATH=/bin', 'A=b', 'HOME=/home/guest']);
		const raised = await report('--cap', 'CAP_SYS_TIME');
		expect(BigInt(`0x${raised.capabilities.effective}`) & (1n << 25n)).not.toBe(0n);
	});

	it('keeps nothing inheritable, whatever is added (CVE-2022-29162)', async () => {
		expect((await report('--cap', 'CAP_NET_RAW')).capabilities.inheritable).toBe('0000000000000000');
	});

	it('takes the process from a file', async () => {
		const file = join(sandbox.dir, `process-${name}.json`);
		writeFileSync(
			file,
			JSON.stringify({ ...config.process, args: ['/witness'], env: ['X=1'], cwd: '/etc', user: { uid: 5, gid: 6 } }),
		);
		const { stdout } = await runtime.must(['exec', '--process', file, id]);
		expect(parseWitness(stdout).report).toMatchObject({ uids: [5, 5, 5], gids: [6, 6, 6], cwd: '/etc' });
	});

	it('passes input on and ends with the exit code of its program', async () => {
		expect((await runtime.must(['exec', id, '/witness', 'stdin'], { input: 'some words' })).stdout).toContain(
			'some words',
		);
		expect((await runtime.run(['exec', id, '/witness', 'exit', '9'])).exitCode).toBe(9);
		expect((await runtime.run(['exec', id, '/witness', 'signal', '9'])).exitCode).toBe(137);
	});

	it('detached ends at once, with the pid in a file', async () => {
		const file = join(sandbox.dir, `exec-pid-${name}`);
		await runtime.must(['exec', '-d', '--pid-file', file, id, '/witness', 'sleep', '50']);
		const found = Number(readFileSync(file, 'utf8'));
		expect(readlinkSync(`/proc/${found}/ns/pid`)).toBe(readlinkSync(`/proc/${pid}/ns/pid`));
		process.kill(found, 'SIGKILL');
	});

	it('hands its terminal to who serves the console socket', async () => {
		const socket = join(sandbox.dir, `console-${name}`);
		const server = await serveDescriptor(socket);
		await runtime.must(['exec', '-d', '-t', '--console-socket', socket, id, '/witness']);
		const [first = '', ...rest] = (await server.output).split('\n');
		expect(JSON.parse(first)).toMatchObject({ terminal: true });
		expect(JSON.parse(rest.join('\n'))).toMatchObject({ tty: expect.stringMatching(/^\/dev\/pts\/\d+$/) });
	});

	it('refuses, with 255, what cannot be run, and leaves nothing of it', async () => {
		for (const [words, text] of [
			[['nosuch'], 'executable file not found in $PATH'],
			[['/nosuch'], 'no such file or directory'],
			[['/etc'], 'permission denied'],
		] as const) {
			expect(await runtime.run(['exec', id, ...words])).toMatchObject({
				exitCode: 255,
				stderr: expect.stringContaining(text),
			});
		}
		expect(await runtime.run(['exec', 'nobody', '/witness'])).toMatchObject({
			exitCode: 255,
			stderr: expect.stringContaining('does not exist'),
		});
		if (name === 'tsrun') expect(readdirSync(join(runtime.root, id, 'exec'))).toEqual([]);
	});
});

describe('many at once', () => {
	const runtime = ociRuntime('tsrun', sandbox);

	it('run beside each other, and none is left', async () => {
		writeConfig(bundle, config);
		await runtime.must(['run', '-d', '--bundle', bundle, 'many']);
		try {
			const runs = await Promise.all(
				Array.from({ length: 20 }, (_, n) => runtime.run(['exec', 'many', '/witness', 'exit', String(n)])),
			);
			expect(runs.map(({ exitCode }) => exitCode)).toEqual(Array.from({ length: 20 }, (_, n) => n));
			await eventually(() => (readdirSync(join(runtime.root, 'many', 'exec')).length === 0 ? true : undefined));
		} finally {
			await runtime.must(['delete', '-f', 'many']);
		}
	});

	it('refuse a container that has ended', async () => {
		writeConfig(bundle, config);
		await runtime.must(['run', '-d', '--bundle', bundle, 'ended']);
		await runtime.must(['kill', 'ended', 'KILL']);
		await eventually(async () => ((await runtime.state('ended')).status === 'stopped' ? true : undefined));
		expect(await runtime.run(['exec', 'ended', '/witness'])).toMatchObject({
			exitCode: 255,
			stderr: expect.stringContaining('cannot exec in a stopped container'),
		});
		await runtime.must(['delete', 'ended']);
	});
});
