// The life of a container, from a test file. Copy it, and put your image and your program in the place of `hello` and `sh`:
//
//     npx vitest run lifecycle.test.ts           as root, with vitest and execa
//
// Each command ends with an exit code, prints ids and names alone on standard output, and JSON where it is asked for. Where images and
// containers are kept is said by two variables of the environment: in a directory of its own, a test meets nothing of the machine, and
// leaves nothing there.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';

const TSRUN = join(import.meta.dirname, '../dist/tsrun'); // or 'tsrun', from the path
const IMAGE = join(import.meta.dirname, '../dist/images/hello'); // or a name: tsrun pulls it

const home = mkdtempSync(join(tmpdir(), 'lifecycle-'));
const env = { TSRUN_ROOT: join(home, 'data'), TSRUN_STATE: join(home, 'state') };

/** What a command prints. It must end well: execa throws an error otherwise, with the command and what it said on standard error. */
async function tsrun(...words: readonly string[]): Promise<string> {
	return (await execa(TSRUN, words, { env })).stdout;
}

/** For commands that may fail. */
async function attempt(...words: readonly string[]): Promise<{ exitCode?: number; stdout: string; stderr: string }> {
	const { exitCode, stdout, stderr } = await execa(TSRUN, words, { env, reject: false });
	return { ...(exitCode === undefined ? {} : { exitCode }), stdout, stderr };
}

/** A container in the background. @returns its id */
const background = (name: string, script: string, ...flags: readonly string[]): Promise<string> =>
	tsrun('run', '-d', '--name', name, '--network', 'none', ...flags, 'hello', 'sh', '-c', script);

const stateOf = async (name: string): Promise<Readonly<Record<string, unknown>>> =>
	JSON.parse(await tsrun('inspect', '--format', '{{json .State}}', name));

beforeAll(async () => {
	await tsrun('load', `oci:${IMAGE}:latest`);
	await tsrun('tag', await tsrun('images', '-q'), 'hello');
});

afterEach(async () => {
	const ids = (await tsrun('ps', '--all', '--quiet')).split('\n').filter(Boolean);
	if (ids.length > 0) await tsrun('rm', '--force', '--volumes', ...ids);
});

afterAll(() => rmSync(home, { recursive: true }));

it('goes from run to rm', async () => {
	const id = await background('web', 'trap "echo bye; exit 3" TERM; echo hello; while :; do sleep 0.1; done');
	expect(id).toMatch(/^[0-9a-f]{64}$/);
	expect(JSON.parse(await tsrun('ps', '--format', 'json'))).toMatchObject({ Names: 'web', State: 'running' });
	expect(await stateOf('web')).toMatchObject({ Status: 'running', Running: true, ExitCode: 0 });

	// The name, the id and the beginning of an id mean the same container.
	expect(await tsrun('ps', '--filter', 'name=web', '--format', '{{.ID}} {{.Image}}')).toBe(`${id.slice(0, 12)} hello`);
	expect(await tsrun('stop', id.slice(0, 12))).toBe(id.slice(0, 12));
	expect(await stateOf('web')).toMatchObject({ Status: 'exited', Running: false, ExitCode: 3 });
	expect(await tsrun('wait', 'web')).toBe('3');
	expect(await tsrun('logs', 'web')).toBe('hello\nbye');

	expect(await tsrun('start', 'web')).toBe('web');
	expect(await tsrun('restart', '--time', '0', 'web')).toBe('web');
	expect(await stateOf('web')).toMatchObject({ Status: 'running' });
	expect(await tsrun('logs', '--tail', '1', 'web')).toBe('hello');

	expect(await attempt('rm', 'web')).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('is running') });
	expect(await tsrun('rm', '--force', 'web')).toBe('web');
	expect(await tsrun('ps', '--all', '--quiet')).toBe('');
});

it('runs commands inside, with their exit codes', async () => {
	await background('box', 'echo made > /file; sleep 1000');
	expect(await tsrun('exec', 'box', 'cat', '/file')).toBe('made');
	expect(await tsrun('exec', '--env', 'WORD=there', '--workdir', '/tmp', 'box', 'sh', '-c', 'echo $WORD $PWD')).toBe(
		'there /tmp',
	);
	expect((await execa(TSRUN, ['exec', '-i', 'box', 'cat'], { env, input: 'to and fro' })).stdout).toBe('to and fro');
	expect(await attempt('exec', 'box', 'sh', '-c', 'echo no >&2; exit 7')).toMatchObject({ exitCode: 7, stderr: 'no' });
	expect((await attempt('exec', 'box', 'nonsense')).exitCode).toBe(127);
});

/** By a child: the first process of a container gets no signal that it does not handle, not even from itself. */
const DIE_BY_SIGNAL = 'sleep 1000 & kill -KILL $!; wait $!';

it('tells by exit codes what went wrong', async () => {
	const run = (...words: readonly string[]) => attempt('run', '--rm', '--network', 'none', ...words);
	expect(await run('hello', 'sh', '-c', 'exit 42')).toMatchObject({ exitCode: 42 });
	expect(await run('hello', 'sh', '-c', DIE_BY_SIGNAL)).toMatchObject({ exitCode: 137 }); // 128 + the signal
	expect(await run('hello', '/etc')).toMatchObject({ exitCode: 126 });
	expect(await run('hello', 'nonsense')).toMatchObject({ exitCode: 127 });
	expect(await run('--memory', 'much', 'hello')).toMatchObject({
		exitCode: 125,
		stderr: expect.stringMatching(/much/),
	});
});

it('keeps what the program writes', async () => {
	await background('talker', 'echo one; echo two >&2; sleep 1; echo three');
	const { stdout, stderr } = await attempt('logs', '--follow', 'talker'); // until the container ends
	expect([stdout, stderr]).toEqual(['one\nthree', 'two']);
	expect(await tsrun('logs', '--timestamps', '--tail', '1', 'talker')).toMatch(/^\d{4}-\d\d-\d\dT\S+Z three$/);
});

it('tells when the program is ready', async () => {
	await background(
		'slow',
		'sleep 1; : > /ready; sleep 1000',
		'--health-cmd',
		'test -e /ready',
		'--health-interval',
		'100ms',
	);
	expect(await tsrun('ps', '--filter', 'name=slow', '--format', '{{.Status}}')).toMatch(/\(health: starting\)$/);
	await expect.poll(() => stateOf('slow'), { timeout: 10_000 }).toMatchObject({ Health: { Status: 'healthy' } });
});

it('makes a container now and starts it later, at its input and output', async () => {
	await tsrun('create', '--interactive', '--name', 'sum', '--network', 'none', 'hello', 'wc', '-c');
	expect(await stateOf('sum')).toMatchObject({ Status: 'created' });
	const { stdout } = await execa(TSRUN, ['start', '--attach', '--interactive', 'sum'], { env, input: 'twelve bytes' });
	expect(stdout.trim()).toBe('12');
});

it('holds the limits', async () => {
	await background('small', 'sleep 1000', '--memory', '32m', '--pids-limit', '20', '--cpus', '0.5');
	const inspected = JSON.parse(await tsrun('inspect', 'small'))[0];
	expect(inspected.HostConfig).toMatchObject({ Memory: 32 << 20, PidsLimit: 20, CpuPeriod: 100_000, CpuQuota: 50_000 });
	const stats = JSON.parse(await tsrun('stats', '--no-stream', '--format', 'json', 'small'));
	expect(stats).toMatchObject({ Name: 'small', PIDs: '1', MemUsage: expect.stringMatching(/ \/ 32MiB$/) });
	const forks = await attempt('exec', 'small', 'sh', '-c', 'for i in $(seq 50); do sleep 10 & done');
	expect(forks.stderr).toMatch(/can't fork|cannot fork|Resource temporarily unavailable/i);
});

const EAT = 'text=x; while :; do text=$text$text; done';

it('ends a program that wants more memory than it may have', async () => {
	const { exitCode, stderr } = await attempt('run', '--rm', '--network=none', '--memory=16m', 'hello', 'sh', '-c', EAT);
	expect([exitCode, stderr]).toEqual([137, expect.stringContaining('memory limit of 16 MiB')]);

	await background('eater', EAT, '--memory', '16m');
	expect(await tsrun('wait', 'eater')).toBe('137');
});

it('stands still while it is paused', async () => {
	await background('clock', 'while :; do echo tick; sleep 0.02; done');
	const ticks = async (): Promise<number> => (await tsrun('logs', 'clock')).split('\n').length;
	expect(await tsrun('pause', 'clock')).toBe('clock');
	expect(await stateOf('clock')).toMatchObject({ Status: 'paused', Paused: true });
	const before = await ticks();
	expect(await ticks()).toBe(before);
	expect(await tsrun('unpause', 'clock')).toBe('clock');
	await expect.poll(ticks, { timeout: 10_000 }).toBeGreaterThan(before);
});

it('runs again by its restart policy', async () => {
	await background('phoenix', 'echo born; exit 1', '--restart', 'on-failure:2');
	const births = async (): Promise<string> => tsrun('logs', 'phoenix');
	await expect.poll(births, { timeout: 30_000 }).toBe('born\nborn\nborn');
	await expect.poll(() => stateOf('phoenix'), { timeout: 10_000 }).toMatchObject({ Status: 'exited', ExitCode: 1 });
});

it('leaves nothing with --rm', async () => {
	const file = join(home, 'id');
	await tsrun('run', '--rm', '--network', 'none', '--cidfile', file, 'hello', 'true');
	expect(existsSync(file)).toBe(true);
	expect(await tsrun('ps', '--all', '--quiet')).toBe('');
});
