import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type HostState, leftovers, readHostState } from './support/leftovers.ts';
import { createSandbox, runTsrun, TSRUN, type TsrunOptions, type TsrunResult } from './support/run-tsrun.ts';
import { SLOWNESS, STRIDE } from './support/slowness.ts';
import { witnessImage } from './support/witness-image.ts';

// A network namespace is the host, for containers in a bridge.
const NETNS = `tsrun-step-${process.pid}`;
const HOST = ['nsenter', `--net=/run/netns/${NETNS}`, '--'];
const QUIT = 125;
const sandbox = createSandbox();
let image = '';
let before: HostState;

/** `tsrun run --step` of a container, and what is typed. */
const step = (
	flags: readonly string[],
	words: readonly string[],
	commands: readonly string[],
	options: TsrunOptions = {},
): Promise<TsrunResult> =>
	runTsrun(sandbox, ['run', '--rm', ...flags, image, ...words], { input: `${commands.join('\n')}\n`, ...options });

const stops = (stderr: string): readonly string[] =>
	[...stderr.matchAll(/^── before (\S+ \d+) of \d+, (\S+) /gm)].map(([, place, phase]) => `${place} ${phase}`);
/** What stands behind the last prompt with this command, up to the next one. */
const answerTo = (stderr: string, command: string): string =>
	stderr.split('(step) ').findLast(part => part.startsWith(`${command}\n`)) ?? '';

beforeAll(async () => {
	execFileSync('ip', ['netns', 'add', NETNS]);
	image = await witnessImage(join(sandbox.dir, 'image'), {
		busybox: true,
		config: { Entrypoint: [], Volumes: { '/volume': {} } },
		files: [
			{ name: 'volume/', mode: 0o755 },
			...['cat', 'hostname', 'id', 'ls', 'sleep'].map(name => ({ name: `bin/${name}`, linkname: 'busybox' })),
		],
	});
	// it extracts the layers, and makes the bridge: both stay, and so does the note of an address
	const first = await runTsrun(sandbox, ['run', '--rm', '--network', 'bridge', image, 'ls'], { wrapper: HOST });
	expect(first.exitCode).toBe(0);
});
beforeEach(() => {
	before = readHostState(sandbox);
});
afterEach(async () => {
	expect(await leftovers(sandbox, before)).toEqual([]);
});
afterAll(() => {
	execFileSync('ip', ['netns', 'delete', NETNS]);
	sandbox.remove();
});

describe('run --step by standard input', () => {
	it('stops before each step, carries them out, and ends with the exit code of the program', async () => {
		const { exitCode, stdout, stderr } = await step(
			['--step'],
			['/bin/sh', '-c', 'echo ran; exit 7'],
			Array(400).fill('n'),
		);
		expect([exitCode, stdout]).toEqual([7, 'ran\n']);
		const plan = JSON.parse((await runTsrun(sandbox, ['plan', '--format', 'json', '--rm', image, 'ls'])).stdout);
		const lists = stops(stderr).map(line => line.split(' ')[0]);
		const counted = (list: string): number => lists.filter(each => each === list).length;
		expect([counted('setup'), counted('init')]).toEqual([plan.setup.length, plan.init.length]);
		expect(new Set(stops(stderr)).size).toBe(lists.length);
		expect(stderr).toMatch(/^── ended with exit code 7\n$/m);
	});

	it('shows what has been, what comes, and host and container as they are', async () => {
		const { stderr } = await step(['--step', '--hostname', 'small'], ['ls'], ['c sethostname', 'n', 'quit']);
		const [, at = '', after = ''] = stderr
			.split(/^── before /m)
			.slice(1)
			.map(part => part.split('(step) ')[0]);
		expect(at).toMatch(/^init \d+ of \d+, process ─+\n/);
		expect(at).toMatch(
			/^done {2}init \d+ pivot_root\(\) = ok, [\d.]+ µs\nnext {2}init \d+ sethostname\("small"\)\n {6}.*sethostname\(2\)\nthen {2}/m,
		);
		expect(at).toMatch(/^ +host, supervisor \d+ +container, init \d+$/m);
		expect(at).toMatch(/own: .*mnt net pid uts$/m);
		expect(at).not.toMatch(/^\* hostname +\S+ +small$/m);
		expect(after).toMatch(/^\* hostname +\S+ +small$/m);
	});

	it('counts a step that it was told to go, and not what is typed wrong', async () => {
		const { stderr, exitCode } = await step(
			['--step'],
			['ls'],
			['n 3', 'frob', 'next 0', 'info frob', 'c nowhere', '', 'quit'],
		);
		expect(stops(stderr).map(line => line.split(' ').slice(0, 2).join(' '))).toEqual(['setup 0', 'setup 3', 'setup 4']);
		expect(answerTo(stderr, 'frob')).toMatch(/^frob\nthere is no command "frob"/);
		expect(answerTo(stderr, 'info frob')).toMatch(/there is no topic "frob"\n {2}hint: there are namespaces, /);
		expect(answerTo(stderr, 'c nowhere')).toMatch(/continue: there is no place "nowhere" in a plan\n {2}hint: /);
		expect(exitCode).toBe(QUIT);
	});

	it('is quit by the end of input', async () => {
		const { stderr, exitCode, stdout } = await step(['--step'], ['ls'], ['c exec']);
		expect([exitCode, stdout]).toEqual([QUIT, '']);
		expect(stderr).toMatch(/\(step\) quit\n── ended with exit code 125\n$/);
	});

	it('tells of a failed step as a run without it does', async () => {
		const refused = ['--sysctl', 'net.ipv4.ip_forward=x'];
		const plain = await step(refused, ['ls'], []);
		const { exitCode, stderr } = await step(['--break', 'exec', ...refused], ['ls'], []);
		expect(exitCode).toBe(plain.exitCode);
		expect(stderr).toBe(`${plain.stderr}── ended with exit code ${plain.exitCode}\n`);
	});
});

describe('run --break', () => {
	it('stops before a phase, a number and a call alone', async () => {
		const { exitCode, stdout, stderr } = await step(
			['--break', 'mounts', '--break', 'setup:3', '--break', 'sethostname'],
			['/bin/sh', '-c', 'echo ran'],
			['c', 'c', 'c', 'c', 'c', 'c', 'c', 'c', 'c'],
		);
		expect([exitCode, stdout]).toEqual([0, 'ran\n']);
		const [first, second] = stops(stderr);
		expect(first).toMatch(/^setup 3 cgroup$/);
		expect(second).toMatch(/^init \d+ mounts$/);
		expect(
			stops(stderr)
				.slice(1)
				.map(line => line.split(' ')[2]),
		).toEqual(expect.arrayContaining(['mounts', 'process']));
		expect(stderr).toMatch(/^next {2}init \d+ sethostname\("/m);
	});

	it.each([
		[['--break', 'nowhere'], /--break: there is no place "nowhere" in a plan\n {2}hint: .*17, init:17/],
		[['--break', 'init:9999'], /--break: no step of this plan is at init:9999\n {2}hint: .*init has \d+ steps/],
		[['--step', '-d'], /--step and --detach exclude each other: nobody would say when to go on/],
		[['--break', '3', '-i'], /--break and --interactive exclude each other: standard input is for the commands/],
		[['--step', '-t'], /--step and --tty exclude each other/],
		[['--step', '--restart', 'always'], /--step and --restart exclude each other/],
		[['--step', '--trace'], /--step and --trace exclude each other/],
	])('refuses %j before there is a container', async (flags, message) => {
		const { exitCode, stderr } = await runTsrun(sandbox, ['run', ...flags, image, 'ls']);
		expect(exitCode).toBe(125);
		expect(stderr).toMatch(message);
	});
});

describe('skip', () => {
	it('of pivot_root starts the program in the root of the host', async () => {
		const script = `echo "$$ in $(hostname)"; ls -d ${sandbox.dir}`;
		const { exitCode, stdout, stderr } = await step(
			['--break', 'pivot_root', '--hostname', 'inside'],
			['/bin/sh', '-c', script],
			['skip', 'c'],
		);
		expect([exitCode, stdout]).toEqual([0, `1 in inside\n${sandbox.dir}\n`]);
		expect(stderr).toMatch(/^done {2}init \d+ pivot_root\(\) = skipped$/m);
	});

	it('of a limit starts without it', async () => {
		const words = ['/bin/sh', '-c', 'ulimit -n'];
		const flags = ['--ulimit', 'nofile=77'];
		expect((await step(flags, words, [])).stdout).toBe('77\n');
		expect((await step(['--break', 'rlimit', ...flags], words, ['skip', 'c'])).stdout).not.toBe('77\n');
	});

	it('is refused where the host would be changed, or nothing could go on', async () => {
		const { stderr, exitCode } = await step(
			['--break', 'init:0', '--break', 'exec', '--break', 'supervise'],
			['ls'],
			['skip', 'c turn', 'skip', 'c exec', 'skip', 'quit'],
		);
		expect(stderr.match(/^this step cannot be skipped: /gm)).toHaveLength(3);
		expect(exitCode).toBe(QUIT);
	});
});

describe('a shell', () => {
	it('is in the half-built container, by its root and its namespaces of that moment', async () => {
		const { stderr } = await step(
			['--break', 'pivot_root', '--hostname', 'inside'],
			['ls'],
			[
				'sh hostname; ls -d /witness; ls -d /etc',
				'c sethostname',
				'n',
				'sh hostname; ls -d /witness',
				'host hostname',
				'sh exit 3',
				'q',
			],
		);
		const host = spawnSync('hostname', { encoding: 'utf8' }).stdout;
		expect(answerTo(stderr, 'sh hostname; ls -d /witness; ls -d /etc')).toMatch(/No such file[^\n]*\n\/etc\n$/i);
		expect(answerTo(stderr, 'sh hostname; ls -d /witness')).toBe('sh hostname; ls -d /witness\ninside\n/witness\n');
		expect(answerTo(stderr, 'host hostname')).toBe(`host hostname\n${host}`);
		expect(answerTo(stderr, 'sh exit 3')).toBe('sh exit 3\nsh ended with 3\n');
	});

	it('is told of both processes, and there is none in what does not exist yet', async () => {
		const { stderr } = await step(
			['--break', 'setup:0', '--break', 'exec'],
			['ls'],
			['sh ls', 'c exec', 'host readlink /proc/$TSRUN_SUPERVISOR/exe; grep -c NSpid /proc/$TSRUN_INIT/status', 'q'],
		);
		expect(answerTo(stderr, 'sh ls')).toMatch(/^sh ls\nno container yet: setup \d+ makes its process\n$/);
		expect(stderr).toMatch(/tsrun-init \(deleted\)\n1\n\(step\) q\n/);
	});

	it('without a command has the lines that follow, up to its end', async () => {
		const commands = ['host', 'echo two=$((1 + 1))', 'exit', 'sh', 'hostname', 'cat /proc/1/comm', 'exit'];
		// bash reads no byte beyond its end; busybox and dash take all there is
		const options = { env: { SHELL: '/bin/bash' } };
		const { stderr, exitCode } = await step(['--break', 'exec', '--hostname', 'inside'], ['ls'], commands, options);
		expect(answerTo(stderr, 'host')).toBe('host\ntwo=2\n');
		expect(answerTo(stderr, 'sh')).toBe('sh\ninside\ntsrun-init\n');
		expect(exitCode).toBe(QUIT);
	});
});

describe('quit', () => {
	it('leaves a container that starts with all its steps, those too that were skipped', async () => {
		const run = [
			'run',
			'--name',
			'again',
			'--network',
			'none',
			'--break',
			'seccomp',
			image,
			'cat',
			'/proc/self/status',
		];
		const { exitCode, stderr } = await runTsrun(sandbox, run, { input: 'skip\nquit\n' });
		expect([exitCode, stops(stderr).length]).toEqual([QUIT, 2]);
		for (const word of ['start', 'wait']) expect((await runTsrun(sandbox, [word, 'again'])).stderr).toBe('');
		expect((await runTsrun(sandbox, ['logs', 'again'])).stdout).toMatch(/^Seccomp:\t2$/m);
		await runTsrun(sandbox, ['rm', '-v', 'again']);
	});

	// a bridge, a volume, limits, a reaper and a user
	const FLAGS = ['--network', 'bridge', '-m', '64m', '--init', '--user', 'guest', '-p', '8080'];
	/** The auditor looks after one of so many steps, and at the end. */
	const AUDITED = 10;
	const containers = (): readonly string[] =>
		[sandbox.state, join(sandbox.root, 'containers')].flatMap(folder => readdirSync(folder).filter(isContainer));
	const isContainer = (name: string): boolean => /[0-9a-f]{64}/.test(name);

	async function expectNothing(place: string): Promise<void> {
		const links = execFileSync('ip', ['netns', 'exec', NETNS, 'ls', '/sys/class/net'], { encoding: 'utf8' });
		expect([place, links]).toEqual([place, 'lo\ntsrun0\n']);
		expect([place, ...(await leftovers(sandbox, before))]).toEqual([place]);
	}

	it('at every step undoes what was done', { timeout: 300_000 * SLOWNESS }, async () => {
		const planned = await runTsrun(sandbox, ['plan', '--format', 'json', '--rm', ...FLAGS, image, 'sleep', '0'], {
			wrapper: HOST,
		});
		const plan = JSON.parse(planned.stdout);
		let quits = 0;
		for (const list of ['setup', 'init', 'teardown'] as const) {
			for (let index = 0; index < plan[list].length; index += STRIDE, quits++) {
				const place = `${list}:${index}`;
				const { exitCode, stderr } = await step(['--break', place, ...FLAGS], ['/bin/sh', '-c', 'exit 7'], ['quit'], {
					wrapper: HOST,
				});
				expect([place, exitCode, stops(stderr).length]).toEqual([place, list === 'teardown' ? 7 : QUIT, 1]);
				expect([place, ...containers()]).toEqual([place]);
				if (quits % AUDITED === 0) await expectNothing(place);
			}
		}
		await expectNothing('the last one');
		expect(quits).toBeGreaterThan(150 / STRIDE);
	});

	it.each([
		['SIGINT', QUIT],
		['SIGTERM', QUIT],
		['SIGHUP', QUIT],
	] as const)('is what %s means while a step is held', async (signal, code) => {
		const { child, shows, ended } = start(['--break', 'sethostname']);
		await shows(/\(step\) $/);
		child.kill(signal);
		expect(await ended).toBe(code);
	});

	it.each(['setup:3', 'init:0', 'init:40', 'exec'])('is what the end of tsrun itself at %s means', async place => {
		const { child, shows, ended } = start(['--break', place]);
		await shows(/\(step\) $/);
		child.kill('SIGKILL');
		expect(await ended).toBe(137);
		expect(await leftovers(sandbox, before)).toEqual([]);
	});

	it.each(['setup:3', 'init:0', 'exec'])(
		'of the supervisor, killed at %s, is left to the next command',
		async place => {
			const { child, shows, ended } = start(['--break', place]);
			const [, supervisor] = (await shows(/host, supervisor (\d+)[\s\S]*\(step\) $/)) ?? [];
			process.kill(Number(supervisor), 'SIGKILL');
			expect(await ended).toBe(125);
			expect(child.exitCode).toBe(125);
			await runTsrun(sandbox, ['ps']);
		},
	);

	it('of both at once leaves no process', async () => {
		const { child, shows, ended } = start(['--break', 'init:0']);
		const [, supervisor, init] = (await shows(/host, supervisor (\d+) +container, init (\d+)[\s\S]*\(step\) $/)) ?? [];
		child.kill('SIGSTOP');
		process.kill(Number(supervisor), 'SIGKILL');
		child.kill('SIGKILL');
		await ended;
		await expect.poll(() => readdirSync('/proc').includes(init ?? ''), { timeout: 2000 * SLOWNESS }).toBe(false);
		await runTsrun(sandbox, ['ps']);
	});

	/** Somebody who types nothing. */
	function start(flags: readonly string[]) {
		const child = spawn(TSRUN, ['run', '--rm', ...flags, image, 'ls'], {
			stdio: ['pipe', 'ignore', 'pipe'],
			env: { ...process.env, ...sandbox.env },
		});
		let text = '';
		child.stderr.on('data', (part: Buffer) => {
			text += part.toString();
		});
		return {
			child,
			shows: async (pattern: RegExp) => {
				await expect.poll(() => text, { timeout: 10_000 * SLOWNESS, interval: 10 }).toMatch(pattern);
				return pattern.exec(text);
			},
			ended: once(child, 'close').then(([code, signal]) => code ?? (signal === 'SIGKILL' ? 137 : signal)),
		};
	}
});

describe('in tmux', () => {
	let folder = '';
	beforeAll(() => {
		folder = mkdtempSync(join(tmpdir(), 'tsrun-tmux-'));
	});
	afterAll(() => rmSync(folder, { recursive: true }));

	const tmux = (...words: readonly string[]): string =>
		execFileSync('tmux', ['-S', join(folder, 'socket'), '-f', '/dev/null', ...words], {
			encoding: 'utf8',
			env: { ...process.env, ...sandbox.env, TERM: 'xterm', SHELL: '/bin/sh', PS1: '$ ' },
		});
	const type = (...keys: readonly string[]): string => tmux('send-keys', '-t', 'step', ...keys);
	const shows = (pattern: RegExp): Promise<void> =>
		expect
			.poll(() => tmux('capture-pane', '-p', '-t', 'step').trimEnd(), { timeout: 10_000 * SLOWNESS, interval: 20 })
			.toMatch(pattern);

	it('has shells with job control, and the prompt back after them; Ctrl-C and Ctrl-D are meant for who has the terminal', async () => {
		const command = `${TSRUN} run --rm --step --hostname inside ${image} /bin/sh -c 'echo ran; exit 7'`;
		tmux('new-session', '-d', '-s', 'step', '-x', '120', '-y', '50', 'sh');
		try {
			type(`${command}; echo "code=$?"`, 'Enter');
			await shows(/before setup 0 of \d+, supervise ─+\n[\s\S]*\(step\)$/);
			type('continue sethostname', 'Enter');
			await shows(/before init \d+ of \d+, process[\s\S]*\(step\)$/);
			type('Enter');
			await shows(/hostname +\S+ +inside\n[\s\S]*\(step\)$/);
			type('sh', 'Enter');
			await shows(/\(container\) \S+ #$/);
			type('hostname; sleep 100', 'Enter');
			await shows(/#.*sleep 100\ninside$/);
			type('C-c');
			await shows(/\(container\) \S+ #$/);
			type('exit', 'Enter');
			await shows(/exit\n(.*\n)?\(step\)$/);
			type('host', 'Enter');
			await shows(/[$#]$/);
			type('sleep 100', 'Enter');
			await sleep(200);
			type('C-c');
			await shows(/\^C\n+[$#]$/);
			type('C-d');
			await shows(/\(step\)$/);
			type('c', 'Enter');
			await shows(/ran\n── ended with exit code 7\ncode=7\n/);
			type(`clear; ${command}; echo "code=$?"`, 'Enter');
			await shows(/before setup 0 of \d+, supervise ─+\n[\s\S]*\(step\)$/);
			type('C-c');
			await shows(/quit\n── ended with exit code 125\ncode=125\n/);
		} finally {
			tmux('kill-server');
		}
	});
});
