import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { TSRUN } from '../kernel/support/run-tsrun.ts';
import { witnessImage } from '../kernel/support/witness-image.ts';
import { createCli } from './support.ts';

const { sandbox, tsrun, output, refusal } = createCli();
let image = '';

beforeAll(async () => {
	image = await witnessImage(join(sandbox.dir, 'image'));
});
afterEach(async () => {
	const ids = (await output(['ps', '-aq'])).split('\n').filter(Boolean);
	if (ids.length > 0) await output(['rm', '-f', ...ids]);
	expect(readdirSync(join(sandbox.root, 'containers'))).toEqual([]);
	expect(readdirSync(sandbox.state).filter(name => /^[0-9a-f]{64}$/.test(name))).toEqual([]);
});
afterAll(() => sandbox.remove());

/** A container that runs until it is removed. */
async function background(name: string): Promise<{ readonly end: Promise<number | undefined> }> {
	const child = execa(TSRUN, ['run', '--name', name, image, 'sleep', '60'], {
		env: { ...sandbox.env },
		reject: false,
		buffer: false,
	});
	await new Promise(resolve => child.stdout.once('data', resolve));
	return { end: child.then(({ exitCode, signal }) => (signal === 'SIGKILL' ? 137 : exitCode)) };
}

describe('ps', () => {
	it('is only a head while there are none', async () => {
		expect(await output(['ps'])).toMatch(/^CONTAINER ID +IMAGE +COMMAND +CREATED +STATUS +PORTS +NAMES\n$/);
		expect(await output(['ps', '-aq'])).toBe('');
		expect(await output(['ps', '-a', '--format', 'json'])).toBe('');
	});

	it('shows what runs, and with -a what has ended and how', async () => {
		await tsrun(['run', '--name', 'ended', '-l', 'key=value', image, 'exit', '7']);
		const { end } = await background('running');
		const names = async (...words: readonly string[]): Promise<readonly string[]> =>
			(await output(['ps', '--format', '{{.Names}} {{.Status}}', ...words])).trimEnd().split('\n');
		const up = expect.stringMatching(/^running Up (Less than a second|\d+ seconds?)$/);
		const ended = expect.stringMatching(/^ended Exited \(7\) (Less than a second|\d+ seconds?) ago$/);
		expect(await names()).toEqual([up]);
		expect(await names('-a')).toEqual([up, ended]);
		expect(await names('--all=false')).toEqual([up]);
		expect(await names('--filter', 'status=exited')).toEqual([ended]);
		expect(await names('-a', '-f', 'name=^run', '-f', 'label=key')).toEqual(['']);
		expect(await names('-a', '-f', 'name=end', '-f', 'name=^run', '-f', 'since=ended')).toEqual([up]);
		expect(await names('-n', '1')).toEqual([up]);
		expect(await names('-l', '-f', 'exited=7')).toEqual([ended]);
		expect(await output(['ps', '-as'])).toMatch(/^.* SIZE\n(.* \d+(\.\d+)?k?B \(virtual [\d.]+[kM]B\)\n){2}$/);
		const documents = (await output(['ps', '-a', '--no-trunc', '--format', 'json']))
			.trimEnd()
			.split('\n')
			.map(line => JSON.parse(line) as Record<string, unknown>);
		expect(documents.find(each => each.Names === 'ended')).toMatchObject({
			ID: expect.stringMatching(/^[0-9a-f]{64}$/),
			Image: image,
			Command: '"/witness exit 7"',
			State: 'exited',
			ExitCode: '7',
			Pid: '',
			Labels: 'key=value',
		});
		const [short] = (await output(['ps', '-q'])).split('\n');
		expect(short).toMatch(/^[0-9a-f]{12}$/);
		expect((await output(['ps', '-q', '--no-trunc'])).trim()).toMatch(new RegExp(`^${short}[0-9a-f]{52}$`));
		expect(await output(['rm', '-f', 'running'])).toBe('running\n');
		expect(await end).toBe(137);
	});

	it('cuts long commands, unless told not to', async () => {
		await tsrun(['run', '--name', 'long', image, 'exit', '0', '--', 'stat', '/a/rather/long/path']);
		expect(await output(['ps', '-a'])).toMatch(/ {3}"\/witness exit 0 -- …" {3}/);
		expect(await output(['ps', '-a', '--no-trunc'])).toMatch(/"\/witness exit 0 -- stat \/a\/rather\/long\/path"/);
	});
});

describe('rm', () => {
	it('removes by name, by id and by the beginning of an id', async () => {
		for (const by of ['name', 'id', 'short'] as const) {
			await tsrun(['run', '--name', 'web', image, 'exit', '0']);
			const id = (await output(['ps', '-aq', '--no-trunc'])).trim();
			const word = { name: 'web', id, short: id.slice(0, 5) }[by];
			expect(await output(['rm', word])).toBe(`${word}\n`);
			expect(await output(['ps', '-aq'])).toBe('');
		}
	});

	it('leaves a running one alone without -f', async () => {
		const { end } = await background('web');
		const [stderr, exitCode] = await refusal(['rm', 'web']);
		expect(stderr).toMatch(/^tsrun: .*web.* running.*\n {2}hint: .*--force|-f/);
		expect(exitCode).toBe(1);
		expect(await output(['ps', '-q'])).not.toBe('');
		await output(['rm', '-f', 'web']);
		expect(await end).toBe(137);
	});

	it('goes on after one that is not there, and ends with 1', async () => {
		await tsrun(['run', '--name', 'web', image, 'exit', '0']);
		const { stdout, stderr, exitCode } = await tsrun(['rm', 'nosuch', 'web']);
		expect([stdout, exitCode]).toEqual(['web\n', 1]);
		expect(stderr).toBe('tsrun: no such container: nosuch\n  hint: tsrun ps -a lists all of them\n');
	});
});

describe('switches take true and false, as docker’s do', () => {
	it.each([
		[['--rm=false', '--name', 'kept'], 'exited'],
		[['--rm', '--rm=false', '--name', 'kept'], 'exited'],
		[['--rm=true', '--name', 'gone'], ''],
		[['--rm=false', '--rm=1', '--name', 'gone'], ''],
	])('%j', async (flags, status) => {
		expect((await tsrun(['run', ...flags, image, 'exit', '0'])).exitCode).toBe(0);
		expect(await output(['ps', '-a'])).toMatch(status === '' ? /NAMES\n$/ : /Exited \(0\) .* +kept\n$/);
	});

	it('but words of the container are its own', async () => {
		const { witness } = await tsrun(['run', '--rm', image, 'report', '--rm=false']);
		expect(witness.report.argv).toEqual(['/witness', 'report', '--rm=false']);
	});
});

it('--env-file is read by tsrun alone, not by the engine that runs it', async () => {
	const [stderr, exitCode] = await refusal(['run', '--rm', '--env-file', '/no/such', image]);
	expect([stderr, exitCode]).toEqual(['tsrun: --env-file "/no/such" cannot be read: no such file or directory\n', 125]);
});
