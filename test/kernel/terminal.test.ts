import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { inTerminal, type Terminal, type TerminalOptions } from './support/in-terminal.ts';
import { type HostState, leftovers, readHostState } from './support/leftovers.ts';
import { createSandbox, runTsrun, TSRUN } from './support/run-tsrun.ts';
import { STRIDE } from './support/slowness.ts';
import { parseWitness } from './support/witness.ts';
import { witnessImage } from './support/witness-image.ts';

const ENXIO = 6;
const ENOTTY = 25;
const CTRL_C = '\x03';
const CTRL_D = '\x04';
const LINES = 200_000 / STRIDE;

const sandbox = createSandbox();
let image = '';
let before: HostState;

/** `tsrun run --rm` as a person types it. */
const run = (flags: readonly string[], command: readonly string[], options: TerminalOptions = {}): Terminal =>
	inTerminal([TSRUN, 'run', '--rm', ...flags, image, ...command], { ...options, env: sandbox.env });
const shell = (script: string): readonly string[] => ['/bin/sh', '-c', script];

beforeAll(async () => {
	const links = ['cat', 'ls', 'readlink', 'seq', 'sleep', 'stty', 'tty'];
	image = await witnessImage(join(sandbox.dir, 'image'), {
		busybox: true,
		config: { Entrypoint: [] },
		files: links.map(name => ({ name: `bin/${name}`, linkname: 'busybox' })),
	});
	expect((await runTsrun(sandbox, ['run', '--rm', image, '/witness', 'exit', '0'])).exitCode).toBe(0);
});
beforeEach(() => {
	before = readHostState(sandbox);
});
afterEach(async () => {
	expect(await leftovers(sandbox, before)).toEqual([]);
});
afterAll(() => sandbox.remove());

describe('-it', () => {
	it('gives the program a terminal of its own, which controls its session', async () => {
		const script =
			'tty; for fd in 0 1 2; do [ -t $fd ] && echo terminal $fd; done; echo into >/dev/tty; echo TERM=$TERM';
		const { exitCode, output } = await run(['-it'], shell(script)).end;
		expect(output).toBe(
			['/dev/pts/0', 'terminal 0', 'terminal 1', 'terminal 2', 'into', 'TERM=xterm', ''].join('\r\n'),
		);
		expect(exitCode).toBe(0);
	});

	it('has it as /dev/console and as /dev/pts/0', async () => {
		const { output } = await run(['-it'], shell('ls -l /dev/console /dev/pts/0; echo said >/dev/console')).end;
		expect(output).toMatch(/136, +0 .* \/dev\/console\r\n.*136, +0 .* \/dev\/pts\/0\r\nsaid\r\n$/);
	});

	it('has the size of the window from its first moment', async () => {
		const { output } = await run(['-it'], ['/witness', 'window'], { rows: 33, columns: 101 }).end;
		expect(parseWitness(output).actions[0]).toMatchObject({ errno: 0, rows: 33, columns: 101 });
	});

	it('follows the window when it changes, and the program is told', async () => {
		const terminal = run(['-it'], shell('trap "stty size; exit 3" WINCH; echo ready; while :; do sleep 0.05; done'));
		await terminal.shows(/ready/);
		terminal.resize(44, 132);
		await terminal.shows(/44 132/);
		expect(await terminal.end).toMatchObject({ exitCode: 3, restored: true });
	});

	it('passes Ctrl-C to the program and does not end itself', async () => {
		const terminal = run(['-it'], shell('trap "echo caught; exit 7" INT; echo ready; while :; do sleep 0.05; done'));
		await terminal.shows(/ready/);
		terminal.type(CTRL_C);
		const { exitCode, output, restored } = await terminal.end;
		expect([exitCode, restored]).toEqual([7, true]);
		expect(output).toMatch(/caught/);
	});

	it('lets the program turn Ctrl-C into a character like any other', async () => {
		const terminal = run(
			['-it'],
			shell(
				'stty raw -echo; echo ready; head=$(busybox dd bs=1 count=1 2>/dev/null | /bin/busybox od -An -tx1); stty sane; echo byte $head'.replace(
					'busybox dd',
					'/bin/busybox dd',
				),
			),
		);
		await terminal.shows(/ready/);
		terminal.type(CTRL_C);
		const { exitCode, output } = await terminal.end;
		expect(output).toMatch(/byte 03/);
		expect(exitCode).toBe(0);
	});

	it('ends the input with Ctrl-D, once', async () => {
		const terminal = run(['-it'], shell('cat; echo first; cat; echo second'));
		terminal.type('typed\n');
		await terminal.shows(/typed\r\ntyped\r\n/);
		terminal.type(CTRL_D);
		await terminal.shows(/first/);
		terminal.type(CTRL_D);
		const { exitCode, output, restored } = await terminal.end;
		expect([exitCode, restored]).toEqual([0, true]);
		expect(output).toMatch(/first\r\nsecond\r\n$/);
	});

	it('shows all of a long output', async () => {
		const { exitCode, output } = await run(['-it'], ['/bin/seq', '1', String(LINES)]).end;
		expect(exitCode).toBe(0);
		expect(output).toBe(Array.from({ length: LINES }, (_, index) => `${index + 1}\r\n`).join(''));
	});

	it('is a terminal for the user of the container', async () => {
		const { exitCode, output } = await run(['-it', '-u', 'guest'], shell('ls -n /dev/pts/0; echo mine >/dev/pts/0'))
			.end;
		expect(output).toMatch(/ 1000 +\S+ .*\/dev\/pts\/0\r\nmine\r\n$/);
		expect(exitCode).toBe(0);
	});

	it('works with a reaper at pid 1 and in a user namespace', async () => {
		for (const flags of [['--init'], ['--userns', 'private']]) {
			const terminal = run(
				['-it', ...flags],
				shell('trap "echo caught; exit 7" INT; tty; while :; do sleep 0.05; done'),
			);
			await terminal.shows(/\/dev\/pts\/0/);
			terminal.type(CTRL_C);
			expect(await terminal.end).toMatchObject({ exitCode: 7, restored: true });
		}
	});
});

describe("the caller's terminal is as it was", () => {
	it.each([
		['after a program that succeeds', [], shell('exit 0'), 0],
		['after one that leaves its own terminal raw', [], shell('stty raw -echo'), 0],
		['after one that fails', [], shell('exit 9'), 9],
		['after one that kills itself', [], shell('kill -KILL $$'), 137],
		['after a command that is not there', [], ['nosuch'], 127],
		['after a step that fails', ['-w', '/etc/passwd'], ['tty'], 125],
		['after a flag that is wrong', ['--memory', '1q'], ['tty'], 125],
	])('%s', async (_, flags, command, code) => {
		const init = code === 137 ? ['--init'] : [];
		expect(await run(['-it', ...init, ...flags], command).end).toMatchObject({ exitCode: code, restored: true });
	});
});

describe('-t without -i', () => {
	it('is a terminal of the right size that nothing is typed into', async () => {
		const terminal = run(['-t'], shell('tty; stty size; read -t 1 line; echo "got:$line:"'), { rows: 30, columns: 90 });
		await terminal.shows(/30 90\r+\n/);
		terminal.type('secret\n');
		const { exitCode, output, restored } = await terminal.end;
		expect([exitCode, restored]).toEqual([0, true]);
		expect(output).toMatch(/^\/dev\/pts\/0\r+\n30 90\r+\n/);
		expect(output).toMatch(/got::/);
	});

	it('needs no terminal of the caller', async () => {
		const { exitCode, stdout } = await runTsrun(sandbox, ['run', '--rm', '-t', image, 'tty']);
		expect([exitCode, stdout]).toEqual([0, '/dev/pts/0\r\n']);
	});
});

describe('without -t', () => {
	const actions = ['tiocsti', 'X', '--', 'open', '/dev/tty', 'r', '--', 'window'];

	it('no descriptor of the container is the terminal of the caller (CVE-2017-5226)', async () => {
		const { output, restored } = await run(['-i'], ['/witness', 'report']).end;
		const { report } = parseWitness(output);
		expect(report.fds.map(({ fd, target }) => [fd, target?.replace(/\d+/, '')])).toEqual([
			[0, 'pipe:[]'],
			[1, 'pipe:[]'],
			[2, 'pipe:[]'],
		]);
		expect(report.tty).toBeNull();
		expect(restored).toBe(true);
	});

	it.each([[['-i']], [[]], [['-i', '--privileged']]])('%j: nothing can be typed into it from inside', async flags => {
		const terminal = run(flags, ['/witness', ...actions]);
		const { exitCode, output } = await terminal.end;
		expect(exitCode).toBe(0);
		const [tiocsti, tty, window] = parseWitness(output).actions;
		expect([tiocsti?.errno, tty?.errno, window?.errno]).toEqual([ENOTTY, ENXIO, ENOTTY]);
	});

	it('passes what is typed on, and Ctrl-D and Ctrl-C as end and signal', async () => {
		const reading = run(['-i'], ['cat']);
		reading.type('typed\n');
		await reading.shows(/typed\r\ntyped\r\n/);
		reading.type(CTRL_D);
		expect(await reading.end).toMatchObject({ exitCode: 0, restored: true });
		const waiting = run(['-i'], shell('trap "echo caught; exit 7" INT; echo ready; while :; do sleep 0.05; done'));
		await waiting.shows(/ready/);
		waiting.type(CTRL_C);
		expect(await waiting.end).toMatchObject({ exitCode: 7, restored: true });
	});
});

it('what a container types into its own terminal does not reach the shell that ran tsrun', async () => {
	const words = [TSRUN, 'run', '--rm', '-it', '--privileged', image, '/witness', 'tiocsti', 'X'].join(' ');
	const terminal = inTerminal(['bash', '-c', `${words}; read -t 1 -n 1 key; echo "after:$key:"`], { env: sandbox.env });
	const { output, restored } = await terminal.end;
	expect(output).toMatch(/"action":"tiocsti"[\s\S]*after::/);
	expect(restored).toBe(true);
});
