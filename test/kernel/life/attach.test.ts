import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { inTerminal } from '../support/in-terminal.ts';
import { TSRUN } from '../support/run-tsrun.ts';
import { openBox, until } from './support.ts';

const { sandbox, tsrun, output, statusOf, shell } = openBox({ isAudited: false });
const LEAVE = '\x10\x11';
const ECHO = 'while read line; do echo "got $line"; [ "$line" = end ] && exit 6; done';
const atTerminal = (...words: readonly string[]) => inTerminal([TSRUN, ...words], { env: sandbox.env });

/** Whether a process has a file open. */
function holds(pid: number | undefined, path: RegExp): boolean {
	try {
		const files = readdirSync(`/proc/${pid}/fd`).map(fd => readlinkSync(`/proc/${pid}/fd/${fd}`));
		return files.some(file => path.test(file));
	} catch {
		return false; // one of them was closed meanwhile
	}
}

describe('attach', () => {
	it('is at output and input of a container, and ends with its exit code', async () => {
		await shell('c1', ECHO, '-i');
		const attached = tsrun(['attach', 'c1'], { input: 'one\nend\n' });
		expect(await attached).toMatchObject({ exitCode: 6, stdout: 'got one\ngot end\n', stderr: '' });
		expect(await output('logs', 'c1')).toBe('got one\ngot end');
	});

	it('shows what comes from now on, on stdout and stderr apart', async () => {
		await shell('c1', 'echo before; read line; echo out; echo err >&2', '-i');
		await until('before is there', async () => (await output('logs', 'c1')) === 'before');
		expect(await tsrun(['attach', 'c1'], { input: '\n' })).toMatchObject({ stdout: 'out\n', stderr: 'err\n' });
	});

	it('passes on nothing with --no-stdin', async () => {
		await shell('c1', 'read -t 1 line; echo "line: $line"', '-i');
		expect(await tsrun(['attach', '--no-stdin', 'c1'], { input: 'no\n' })).toMatchObject({ stdout: 'line: \n' });
	});

	it.each([
		[[], 7],
		[['--sig-proxy=false'], null],
	])('passes signals on, unless told not to: %j', async (flags, exitCode) => {
		await shell('c1', 'trap "exit 7" USR2; while :; do sleep 0.05; done');
		const attached = spawn(TSRUN, ['attach', ...flags, 'c1'], { env: { ...process.env, ...sandbox.env } });
		await until('it is attached', () => readFileSync(`/proc/${attached.pid}/wchan`, 'latin1').includes('poll'));
		await sleep(500);
		attached.kill('SIGUSR2');
		expect((await once(attached, 'close'))[0]).toBe(exitCode);
		expect(await statusOf('c1')).toMatchObject({ status: exitCode === 7 ? 'exited' : 'running' });
	});

	it('holds nothing up where nobody reads', async () => {
		await shell(
			'c1',
			'while ! test -e /go; do sleep 0.05; done; i=0; while [ $i -lt 9000 ]; do echo "$i ........................................"; i=$((i+1)); done',
		);
		const attached = spawn(TSRUN, ['attach', 'c1'], { env: { ...process.env, ...sandbox.env } });
		await until('it reads the log', () => holds(attached.pid, /container\.log$/));
		await output('exec', 'c1', 'sh', '-c', ': > /go');
		expect(await output('wait', 'c1')).toBe('0');
		expect([attached.exitCode, holds(attached.pid, /container\.log$/)]).toEqual([null, true]);
		attached.kill('SIGKILL');
		expect((await output('logs', '--tail', '1', 'c1')).startsWith('8999 ')).toBe(true);
	});

	it('tells which container nobody can attach to', async () => {
		await shell('c1', 'sleep 100', '--log-driver', 'none');
		expect((await tsrun(['attach', 'c1'])).stderr).toContain('keeps no log');
		await shell('c2', 'sleep 100');
		await output('pause', 'c2');
		expect((await tsrun(['attach', 'c2'])).stderr).toContain('container c2 is paused');
		await output('kill', 'c2');
		const { exitCode, stderr } = await tsrun(['attach', 'c2']);
		expect([exitCode, stderr]).toEqual([1, expect.stringContaining('container c2 is not running')]);
		expect((await tsrun(['attach', '--detach-keys', 'ctrl-1', 'c1'])).stderr).toContain('which is no key');
	});
});

describe('at a terminal', () => {
	it('types and leaves; the container goes on, its terminal as large as the one that is attached', async () => {
		await shell('c1', `stty size; ${ECHO.replace('do ', 'do stty size; ')}`, '-it');
		const terminal = atTerminal('attach', 'c1');
		await sleep(1500);
		terminal.type('one\r');
		await terminal.shows(/24 80\r+\ngot one/);
		terminal.resize(30, 100);
		await sleep(300);
		terminal.type('two\r');
		await terminal.shows(/30 100\r+\ngot two/);
		terminal.type(LEAVE);
		const { exitCode, restored, output: shown } = await terminal.end;
		expect([exitCode, restored, shown]).toEqual([0, true, expect.stringContaining('read escape sequence')]);
		expect(await statusOf('c1')).toMatchObject({ status: 'running' });

		const again = atTerminal('attach', '--detach-keys', 'ctrl-x', 'c1');
		await sleep(1500);
		again.type('end\r');
		expect((await again.end).exitCode).toBe(6);
	});

	it('run --detach-keys is left, and ends with the program’s exit code where it is not', async () => {
		const run = ['run', '-it', '--name', 'c1', '--detach-keys', 'ctrl-x', 'box', 'sh', '-c'];
		const terminal = atTerminal(...run, `echo ready; ${ECHO}`);
		await terminal.shows(/ready/);
		terminal.type('\x18');
		expect(await terminal.end).toMatchObject({ exitCode: 0, restored: true });
		expect(await statusOf('c1')).toMatchObject({ status: 'running' });
		await output('rm', '-f', 'c1');

		const other = atTerminal(...run, `echo ready; ${ECHO}`);
		await other.shows(/ready/);
		other.type('end\r');
		expect(await other.end).toMatchObject({ exitCode: 6, restored: true });
	});

	it('exec without -t has what it writes copied, and with -i what is typed', async () => {
		await shell('c1', 'sleep 1000');
		const { exitCode, output: shown } = await atTerminal('exec', 'c1', 'sh', '-c', 'echo out; echo err >&2').end;
		expect([exitCode, shown]).toEqual([0, expect.stringMatching(/out\s+err/)]);
		const typing = atTerminal('exec', '-i', 'c1', 'sh', '-c', 'echo ready; read line; echo "got $line"');
		await typing.shows(/ready/);
		typing.type('this\n');
		await typing.shows(/got this/);
		expect((await typing.end).exitCode).toBe(0);
	});

	it('start -ai types into a container that was created', async () => {
		await output('create', '-it', '--name', 'c1', 'box', 'sh', '-c', `echo ready; stty size; ${ECHO}`);
		const terminal = atTerminal('start', '-ai', 'c1');
		await terminal.shows(/ready/);
		terminal.type('end\r');
		expect((await terminal.end).exitCode).toBe(6);
	});
});

describe('start -a', () => {
	it('misses nothing of a short life, also with --rm', async () => {
		for (let round = 0; round < 3; round++) {
			await output('create', '--rm', '--name', 'c1', 'box', 'sh', '-c', 'echo out; echo err >&2; exit 5');
			expect(await tsrun(['start', '-a', 'c1'])).toMatchObject({ exitCode: 5, stdout: 'out\n', stderr: 'err\n' });
			await until('it is gone', async () => (await statusOf('c1')) === undefined);
		}
	});

	it('-i gives it the whole input, and shows a further run alone', async () => {
		await output('create', '-i', '--name', 'c1', 'box', 'sh', '-c', 'cat');
		expect(await tsrun(['start', '-ai', 'c1'], { input: 'first' })).toMatchObject({ exitCode: 0, stdout: 'first' });
		expect(await tsrun(['start', '-i', 'c1'], { input: 'second' })).toMatchObject({ exitCode: 0, stdout: 'second' });
	});

	it('ends as run does where the program is not there', async () => {
		await output('create', '--name', 'c1', 'box', 'nonsense');
		const { exitCode, stderr } = await tsrun(['start', '-a', 'c1']);
		expect([exitCode, stderr]).toEqual([127, expect.stringContaining('nonsense')]);
	});
});
