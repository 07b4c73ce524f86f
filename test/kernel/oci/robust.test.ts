import { existsSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { bundleConfig, createBundle } from '../support/bundle.ts';
import { leftovers, readHostState } from '../support/leftovers.ts';
import { eventually, ociRuntime, writeConfig } from '../support/oci-runtime.ts';
import { createSandbox } from '../support/run-tsrun.ts';
import { serveDescriptor } from '../support/serve-descriptor.ts';

const sandbox = createSandbox();
const bundle = createBundle(sandbox);
const runtime = ociRuntime('tsrun', sandbox);
const id = 'robust';
afterAll(() => sandbox.remove());
afterEach(async () => {
	await runtime.run(['delete', '--force', id]);
});
const create = async (...flags: readonly string[]): Promise<number> => {
	writeConfig(bundle, bundleConfig('sleep', '1000'));
	await runtime.must(['create', '--bundle', bundle, ...flags, id]);
	return (await runtime.state(id)).pid;
};

describe('ids', () => {
	it.each([...['', '.', '..', '/', 'a/b', '../x', '.names', 'a b', 'ü', 'x\ny', '$(id)', 'x'.repeat(300)]])(
		'%j is refused, and nothing is made',
		async bad => {
			writeConfig(bundle, bundleConfig('exit', '0'));
			const { exitCode, stderr } = await runtime.run(['create', '--bundle', bundle, '--', bad]);
			expect([exitCode, stderr]).toEqual([1, expect.stringMatching(/invalid container ID format|argument/)]);
			expect((await runtime.must(['list', '-q'])).stdout).toBe('');
		},
	);

	it('one that begins like an option, or has every sign that runc takes, lives as any other', async () => {
		writeConfig(bundle, bundleConfig('exit', '0'));
		for (const odd of ['a+b_c-d.e', 'A'.repeat(200)]) {
			expect((await runtime.run(['run', '--bundle', bundle, '--', odd])).exitCode).toBe(0);
		}
	});
});

describe('two commands at once', () => {
	it('create with one id: exactly one wins, and the other leaves no trace', async () => {
		writeConfig(bundle, bundleConfig('sleep', '1000'));
		const creates = await Promise.all([1, 2, 3, 4].map(() => runtime.run(['create', '--bundle', bundle, id])));
		expect(creates.map(({ exitCode }) => exitCode).toSorted()).toEqual([0, 1, 1, 1]);
		for (const { stderr } of creates.filter(({ exitCode }) => exitCode !== 0)) expect(stderr).toMatch(/already exists/);
		expect((await runtime.state(id)).status).toBe('created');
	});

	it('start: exactly one starts it', async () => {
		await create();
		const starts = await Promise.all([1, 2, 3].map(() => runtime.run(['start', id])));
		expect(starts.map(({ exitCode }) => exitCode).toSorted()).toEqual([0, 1, 1]);
	});

	it('delete --force: each succeeds', async () => {
		await create();
		const deletes = await Promise.all([1, 2, 3].map(() => runtime.run(['delete', '--force', id])));
		expect(deletes.map(({ exitCode, stderr }) => [exitCode, stderr])).toEqual(Array(3).fill([0, '']));
		expect((await runtime.run(['state', id])).exitCode).toBe(1);
	});
});

describe('a created container', () => {
	it('holds nothing of the host that can be reached from inside, and cannot be traced (CVE-2016-9962, CVE-2024-21626)', async () => {
		const pid = await create();
		const fds = readdirSync(`/proc/${pid}/fd`).map(fd => readlinkSync(`/proc/${pid}/fd/${fd}`));
		const own = [join(runtime.root, id, 'exec.fifo')];
		expect(
			fds.filter(
				target =>
					target.startsWith('/') && !own.includes(target) && !target.startsWith(sandbox.dir) && target !== '/dev/null',
			),
		).toEqual([]);
		expect(readlinkSync(`/proc/${pid}/exe`)).toMatch(/^\/memfd:tsrun-init/);
		expect(readlinkSync(`/proc/${pid}/cwd`)).toBe('/');
		expect(readFileSync(`/proc/${pid}/status`, 'latin1')).toMatch(/^NoNewPrivs:\s*0$/m);
	});

	it('goes on when everything of tsrun is killed, and can be started and deleted', async () => {
		const pid = await create();
		const parent = Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]);
		expect(readFileSync(`/proc/${parent}/comm`, 'latin1')).not.toMatch(/tsrun/);
		await runtime.must(['start', id]);
		expect((await runtime.state(id)).status).toBe('running');
	});

	it('is stopped when its init is killed, and deleted without force', async () => {
		const before = readHostState(sandbox);
		const pid = await create();
		process.kill(pid, 'SIGKILL');
		await eventually(async () => ((await runtime.state(id)).status === 'stopped' ? true : undefined));
		expect(await runtime.run(['start', id])).toMatchObject({ exitCode: 1 });
		await runtime.must(['delete', id]);
		expect(await leftovers(sandbox, before)).toEqual([]);
	});

	it('never gives its pid to another process: a later one of that number is not signalled', async () => {
		await create();
		const file = join(runtime.root, id, 'progress');
		const progress = readFileSync(file);
		// As if the number had been used again: the start time is another one.
		progress.writeBigUInt64LE(progress.readBigUInt64LE(72) + 1n, 72);
		writeFileSync(file, progress);
		expect((await runtime.state(id)).status).toBe('stopped');
		expect(await runtime.run(['kill', id, 'TERM'])).toMatchObject({
			exitCode: 1,
			stderr: expect.stringContaining('not running'),
		});
		progress.writeBigUInt64LE(progress.readBigUInt64LE(72) - 1n, 72);
		writeFileSync(file, progress);
	});
});

describe('the terminal', () => {
	const withTerminal = () => {
		const config = bundleConfig();
		return {
			...config,
			process: { ...config.process, terminal: true, consoleSize: { height: 33, width: 99 } },
			mounts: [
				...config.mounts,
				{ destination: '/dev/pts', type: 'devpts', source: 'devpts', options: ['newinstance', 'ptmxmode=0666'] },
			],
		};
	};

	it('goes to the console socket, with the size of the configuration', async () => {
		writeConfig(bundle, withTerminal());
		const socket = join(sandbox.dir, 'console');
		const server = await serveDescriptor(socket);
		await runtime.must(['create', '--bundle', bundle, '--console-socket', socket, id]);
		await runtime.must(['start', id]);
		const [first = '', ...rest] = (await server.output).split('\n');
		expect(JSON.parse(first)).toMatchObject({ terminal: true });
		expect(JSON.parse(rest.join('\n'))).toMatchObject({ tty: expect.stringMatching(/pts|console/) });
	});

	it('with a socket that nobody serves is undone completely, and the socket is named', async () => {
		const before = readHostState(sandbox);
		writeConfig(bundle, withTerminal());
		const socket = join(sandbox.dir, 'nobody');
		const { exitCode, stderr } = await runtime.run(['create', '--bundle', bundle, '--console-socket', socket, id]);
		expect([exitCode, stderr]).toEqual([1, expect.stringMatching(/nobody.*no such file/s)]);
		expect((await runtime.run(['state', id])).exitCode).toBe(1);
		expect(await leftovers(sandbox, before)).toEqual([]);
	});

	it('without a socket, or a socket without a terminal, is refused before anything is made', async () => {
		writeConfig(bundle, withTerminal());
		expect(await runtime.run(['create', '--bundle', bundle, id])).toMatchObject({
			exitCode: 1,
			stderr: expect.stringContaining('cannot allocate tty'),
		});
		writeConfig(bundle, bundleConfig('exit', '0'));
		expect(await runtime.run(['create', '--bundle', bundle, '--console-socket', '/x', id])).toMatchObject({
			exitCode: 1,
			stderr: expect.stringContaining('cannot use console socket'),
		});
		expect(existsSync(join(runtime.root, id))).toBe(false);
	});
});

describe('what the caller hands over', () => {
	it('a pidfd of init goes to the pidfd socket', async () => {
		const socket = join(sandbox.dir, 'pidfd');
		const server = await serveDescriptor(socket);
		const pid = await create('--pidfd-socket', socket);
		expect(JSON.parse(await server.output)).toMatchObject({ terminal: false, pid });
	});

	it('descriptors are passed on as many as asked for, and no other', async () => {
		writeConfig(bundle, bundleConfig());
		const wrapper = ['sh', '-c', 'exec 3</etc/hostname 4</etc/passwd 5</etc/group; exec "$@"', 'sh'];
		const { stdout } = await runtime.must(['run', '--bundle', bundle, '--preserve-fds', '2', id], { wrapper });
		const { fds } = JSON.parse(stdout) as { fds: readonly { fd: number; target: string }[] };
		expect(fds.map(({ fd }) => fd)).toEqual([0, 1, 2, 3, 4]);
		const missing = await runtime.run(['run', '--bundle', bundle, '--preserve-fds', '30', id]);
		expect(missing).toMatchObject({
			exitCode: 1,
			stderr: expect.stringMatching(/--preserve-fds 30: descriptor \d+ is not open/),
		});
	});
});
