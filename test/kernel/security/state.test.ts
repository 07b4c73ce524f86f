import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSandbox, runTsrun, TSRUN } from '../support/run-tsrun.ts';
import { witnessImage } from '../support/witness-image.ts';
import { startTsrun } from './support/start-tsrun.ts';

const sandbox = createSandbox();
const NOBODY = 65_534;
let image = '';

beforeAll(async () => {
	image = await witnessImage(join(sandbox.dir, 'image'), {
		busybox: true,
		files: [{ name: 'bin/setuid', mode: 0o4755, data: '#!/bin/sh' }],
	});
	// Anybody may come as far as the sandbox itself.
	chmodSync(sandbox.dir, 0o755);
	const first = await runTsrun(sandbox, ['run', '--rm', image, 'exit', '0'], {
		wrapper: ['bash', '-c', 'umask 0; exec "$@"', 'bash'],
	});
	expect(first.exitCode).toBe(0);
});
afterAll(() => sandbox.remove());

const asNobody = (...command: readonly string[]) =>
	spawnSync('setpriv', [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', '--', ...command], {
		encoding: 'utf8',
		env: { ...process.env, ...sandbox.env },
	});

describe('with umask 0, what tsrun writes', () => {
	it('lets nobody else into images, layers, containers and state (CVE-2021-41091, CVE-2021-41103, CVE-2024-25621)', async () => {
		const container = await startTsrun(
			sandbox,
			['run', '--rm', '--name', 'mine', '-e', 'SECRET=x', image, 'sleep', '60'],
			{
				wrapper: ['bash', '-c', 'umask 0; exec "$@"', 'bash'],
			},
		);
		const folders = ['images', 'layers', 'containers', 'resolved', 'locks', 'tmp'].map(name =>
			join(sandbox.root, name),
		);
		const open = [...folders, sandbox.state, container.stateDir].filter(path => (statSync(path).mode & 0o077) !== 0);
		const files = readdirSync(container.stateDir).filter(
			name => (statSync(join(container.stateDir, name)).mode & 0o077) !== 0,
		);
		const [layer = ''] = readdirSync(join(sandbox.root, 'layers'));
		const looks = [
			asNobody('stat', join(sandbox.root, 'layers', layer, 'bin/setuid')),
			asNobody('cat', join(container.stateDir, 'plan')),
			asNobody('ls', sandbox.state),
			asNobody('cat', `/proc/${container.supervisor}/environ`),
		];
		await container.stop();
		expect([...open, ...files]).toEqual([]);
		for (const { status, stdout } of looks) expect([status === 0, stdout]).toEqual([false, '']);
	});

	it('a bind source that was missing is nobody else’s to write in', async () => {
		const source = join(sandbox.dir, 'made');
		await runTsrun(sandbox, ['run', '--rm', '-v', `${source}:/made`, image, 'exit', '0'], {
			wrapper: ['bash', '-c', 'umask 0; exec "$@"', 'bash'],
		});
		expect(statSync(source).mode & 0o777).toBe(0o755);
		rmSync(source, { recursive: true });
	});
});

describe('a state directory that another user made', () => {
	it('is refused before a plan in it is carried out', async () => {
		const state = join(sandbox.dir, 'trap');
		const container = join(state, 'a'.repeat(64));
		mkdirSync(container, { recursive: true });
		writeFileSync(join(container, 'state.json'), '{"autoRemove":true}');
		for (const path of [state, container]) chownSync(path, NOBODY, NOBODY);
		for (const words of [['ps'], ['rm', 'x'], ['run', '--rm', image, 'exit', '0']]) {
			const { exitCode, stderr } = await runTsrun(sandbox, words, { env: { TSRUN_STATE: state } });
			expect(exitCode).not.toBe(0);
			expect(stderr).toMatch(/state directory .* is not safe: .* belongs to user 65534/);
		}
	});
});

describe('another user', () => {
	it('is told that containers need root, and nothing of those that there are', () => {
		const run = asNobody(TSRUN, 'run', '--rm', image, 'exit', '0');
		expect(run.status).toBe(125);
		expect(run.stderr).toMatch(/need root/);
		expect(asNobody(TSRUN, 'ps', '-a').stdout).not.toMatch(/mine/);
	});
});

describe('names', () => {
	it('one name is given once, however many ask at the same time', async () => {
		const asks = Array.from({ length: 6 }, () => runTsrun(sandbox, ['run', '--name', 'only-one', image, 'exit', '0']));
		const codes = (await Promise.all(asks)).map(({ exitCode }) => exitCode).toSorted((a, b) => a - b);
		expect(codes).toEqual([0, 125, 125, 125, 125, 125]);
		const removals = await Promise.all([1, 2, 3].map(() => runTsrun(sandbox, ['rm', 'only-one'])));
		expect(removals.some(({ exitCode }) => exitCode === 0)).toBe(true);
		expect(readdirSync(join(sandbox.state, '.names'))).toEqual([]);
	});

	it('rm -f kills no process that was given the pid of a supervisor which is gone', async () => {
		const container = await startTsrun(sandbox, ['run', '--name', 'victim', image, 'sleep', '60']);
		const bystander = execFileSync('sh', ['-c', 'sleep 60 >/dev/null 2>&1 & echo $!'], { encoding: 'utf8' }).trim();
		// As if its number had been used again: the progress file names the bystander.
		execFileSync('python3', [
			...['-c', 'import struct,sys; f=open(sys.argv[1],"r+b"); f.seek(8); f.write(struct.pack("<i",int(sys.argv[2])))'],
			...[join(container.stateDir, 'progress'), bystander],
		]);
		const removal = runTsrun(sandbox, ['rm', '-f', 'victim']);
		await new Promise(resolve => setTimeout(resolve, 700));
		expect(() => process.kill(Number(bystander), 0)).not.toThrow();
		process.kill(Number(bystander), 'SIGKILL');
		await container.stop();
		expect((await removal).exitCode).toBe(0);
	});
});
