import { existsSync, mkdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bundleConfig, createBundle } from '../support/bundle.ts';
import { eventually, ociRuntime, writeConfig } from '../support/oci-runtime.ts';
import { createSandbox } from '../support/run-tsrun.ts';

const sandbox = createSandbox();
const bundle = createBundle(sandbox);
const notes = join(sandbox.dir, 'notes');
afterAll(() => sandbox.remove());

const HOST_KINDS = ['prestart', 'createRuntime', 'createContainer', 'poststart', 'poststop'] as const;
/** Writes down what it is told, what it is called with and where it is. */
const note = (kind: string) => ({
	path: '/bin/sh',
	args: [
		'hook',
		'-c',
		`{ cat; echo; env; readlink /proc/self/ns/mnt /proc/self/ns/net; echo $0 $1; } >${notes}/${kind}`,
		kind,
		'word',
	],
	env: ['ONLY=this', 'PATH=/bin:/usr/bin'],
});

describe.each(['tsrun', 'runc'] as const)('hooks of %s', name => {
	const runtime = ociRuntime(name, sandbox);
	const id = `hooks-${name}`;
	beforeEach(() => {
		rmSync(notes, { recursive: true, force: true });
		mkdirSync(notes);
	});
	afterEach(async () => {
		await runtime.run(['delete', '--force', id]);
	});
	const config = (hooks: object) => ({ ...bundleConfig('sleep', '100'), annotations: { 'org.example': 'yes' }, hooks });
	const read = (kind: string) => {
		const [state = '', ...rest] = readFileSync(join(notes, kind), 'utf8').split('\n');
		return { state: JSON.parse(state) as Record<string, unknown>, rest };
	};

	it('run in their order, with the state on stdin and exactly their environment', async () => {
		writeConfig(bundle, config(Object.fromEntries(HOST_KINDS.map(kind => [kind, [note(kind)]]))));
		await runtime.must(['create', '--bundle', bundle, id]);
		const { pid } = await runtime.state(id);
		for (const kind of ['prestart', 'createRuntime', 'createContainer']) {
			const { state, rest } = read(kind);
			expect(state).toMatchObject({ id, status: 'creating', bundle, annotations: { 'org.example': 'yes' } });
			// runc tells createContainer the pid inside
			expect(state.pid).toBe(name === 'runc' && kind === 'createContainer' ? 1 : pid);
			expect(rest).toContain('ONLY=this');
			expect(rest.filter(line => line.startsWith('TSRUN_') || line.startsWith('HOME='))).toEqual([]);
		}
		await runtime.must(['start', id]);
		expect(read('poststart').state).toMatchObject({ status: name === 'runc' ? expect.any(String) : 'running', pid });
		await runtime.must(['kill', id, 'KILL']);
		await eventually(async () => ((await runtime.state(id)).status === 'stopped' ? true : undefined));
		expect(existsSync(join(notes, 'poststop'))).toBe(false);
		await runtime.must(['delete', id]);
		expect(read('poststop').state).toMatchObject({ id, status: 'stopped' });
	});

	it('of the host run in its namespaces, createContainer in those of the container', async () => {
		writeConfig(bundle, config({ createRuntime: [note('createRuntime')], createContainer: [note('createContainer')] }));
		await runtime.must(['create', '--bundle', bundle, id]);
		const { pid } = await runtime.state(id);
		const hostMounts = readlinkSync('/proc/self/ns/mnt');
		expect(read('createRuntime').rest).toContain(hostMounts);
		expect(read('createContainer').rest).toContain(readlinkSync(`/proc/${pid}/ns/mnt`));
		expect(read('createContainer').rest).toContain(readlinkSync(`/proc/${pid}/ns/net`));
	});

	it('startContainer runs inside, before the program, with the rights of the container', async () => {
		const hook = { path: '/witness', args: ['/witness', 'mkdir', '/tmp/from-hook'] };
		rmSync(join(bundle, 'rootfs/tmp/from-hook'), { recursive: true, force: true });
		writeConfig(bundle, config({ startContainer: [hook] }));
		await runtime.must(['create', '--bundle', bundle, id]);
		expect(existsSync(join(bundle, 'rootfs/tmp/from-hook'))).toBe(false);
		await runtime.must(['start', id]);
		await eventually(() => (existsSync(join(bundle, 'rootfs/tmp/from-hook')) ? true : undefined));
	});

	it.each(['prestart', 'createRuntime', 'createContainer'] as const)(
		'a %s hook that fails undoes the container, and its exit status is told',
		async kind => {
			writeConfig(
				bundle,
				config({ [kind]: [{ path: '/bin/true' }, { path: '/bin/sh', args: ['sh', '-c', 'exit 3'] }] }),
			);
			const { exitCode, stderr } = await runtime.run(['create', '--bundle', bundle, id]);
			expect([exitCode, stderr]).toEqual([1, expect.stringMatching(/hook #1.*exit status 3/)]);
			expect((await runtime.run(['state', id])).exitCode).toBe(1);
		},
	);

	it('one that takes longer than its timeout is killed and fails', async () => {
		writeConfig(bundle, config({ createRuntime: [{ path: '/bin/sleep', args: ['sleep', '100'], timeout: 1 }] }));
		const began = Date.now();
		expect((await runtime.run(['create', '--bundle', bundle, id])).exitCode).toBe(1);
		expect(Date.now() - began).toBeLessThan(60_000);
		expect((await runtime.run(['state', id])).exitCode).toBe(1);
	});
});

describe('a hook of tsrun', () => {
	const runtime = ociRuntime('tsrun', sandbox);

	it('is not found: create names it and its place', async () => {
		writeConfig(bundle, { ...bundleConfig('sleep', '1'), hooks: { createRuntime: [{ path: '/no/such/hook' }] } });
		const { exitCode, stderr } = await runtime.run(['create', '--bundle', bundle, 'missing']);
		expect([exitCode, stderr]).toEqual([
			1,
			expect.stringMatching(/\/no\/such\/hook.*\/hooks\/createRuntime\/0.*no such file/s),
		]);
		expect((await runtime.run(['state', 'missing'])).exitCode).toBe(1);
	});

	it('gets nothing of the image’s environment (CVE-2025-23266)', async () => {
		mkdirSync(notes, { recursive: true });
		const config = bundleConfig('exit', '0');
		const env = ['LD_PRELOAD=/evil.so', 'NODE_OPTIONS=--require=/evil.js', 'BASH_ENV=/evil', 'PATH=/bin'];
		writeConfig(bundle, {
			...config,
			process: { ...config.process, env },
			hooks: { createRuntime: [{ path: '/usr/bin/env', args: ['env'] }], prestart: [note('prestart')] },
		});
		const { stderr } = await runtime.must(['run', '--bundle', bundle, 'clean']);
		expect(stderr).toBe('');
		expect(readFileSync(join(notes, 'prestart'), 'utf8')).not.toMatch(/evil/);
	});

	it('after the end may fail, and the container is gone all the same', async () => {
		writeConfig(bundle, {
			...bundleConfig('exit', '0'),
			hooks: { poststop: [{ path: '/no/such/hook' }, { path: '/bin/false' }] },
		});
		await runtime.must(['run', '--bundle', bundle, 'after']);
		expect((await runtime.run(['state', 'after'])).exitCode).toBe(1);
	});

	it('takes a state that is longer than a pipe', async () => {
		mkdirSync(notes, { recursive: true });
		const annotations = { 'org.example.long': 'x'.repeat(300_000) };
		writeConfig(bundle, { ...bundleConfig('exit', '0'), annotations, hooks: { createRuntime: [note('long')] } });
		await runtime.must(['run', '--bundle', bundle, 'long']);
		expect(readFileSync(join(notes, 'long'), 'utf8').length).toBeGreaterThan(300_000);
		writeFileSync(join(notes, 'long'), '');
	});
});
