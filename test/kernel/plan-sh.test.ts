import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
	existsSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	readlinkSync,
	renameSync,
	rmSync,
	writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DIFFERENCES, type Difference } from '../../src/explain/shell/differences.ts';
import { cgroupParent } from './support/cgroup-parent.ts';
import { createSandbox, runTsrun } from './support/run-tsrun.ts';
import { SLOWNESS } from './support/slowness.ts';
import { type NamespaceName, parseWitness, type WitnessReport } from './support/witness.ts';
import { witnessImage } from './support/witness-image.ts';

// A network namespace is the host: the machine's own interfaces are out of reach.
const NETNS = `tsrun-sh-${process.pid}`;
const HOST = ['nsenter', `--net=/run/netns/${NETNS}`, '--'];
const sandbox = createSandbox();
const temporary = join(sandbox.dir, 'temporary');
const hostile = join(sandbox.dir, `vol'ume "$(touch ${sandbox.dir}/canary)"; x\n#`);
const parent = cgroupParent('sh');
let image = '';

beforeAll(async () => {
	execFileSync('ip', ['netns', 'add', NETNS]);
	mkdirSync(temporary);
	mkdirSync(hostile, { recursive: true });
	writeFileSync(join(hostile, 'file'), 'of the volume');
	image = await witnessImage(join(sandbox.dir, 'image'), { busybox: true });
	await runTsrun(sandbox, ['network', 'create', 'hand'], { wrapper: HOST });
	await runTsrun(sandbox, ['run', '--rm', image]);
});
afterAll(async () => {
	await runTsrun(sandbox, ['network', 'rm', 'hand'], { wrapper: HOST });
	execFileSync('ip', ['netns', 'delete', NETNS]);
	parent.remove();
	sandbox.remove();
});

/** What every container of a script lacks, as far as a process inside can tell: this list may only get shorter. */
const ALWAYS: Readonly<Record<string, readonly [tsrun: unknown, script: unknown]>> = {
	seccomp: [2, 0],
	seccompFilters: [1, 0],
};
/** Device rules of cgroup v2 are a program. */
const OF_V2: readonly Difference[] = existsSync('/sys/fs/cgroup/cgroup.controllers') ? ['device-program'] : [];
const NAMED: readonly Difference[] = ['seccomp', 'session-keyring', ...OF_V2];

interface Request {
	readonly title: string;
	readonly words: readonly string[];
	readonly args: readonly string[];
	/** What bash cannot do, beside {@link NAMED}. */
	readonly named: readonly Difference[];
}

const REQUESTS: readonly Request[] = [
	{ title: 'without flags', words: [], args: [], named: [] },
	{
		title: 'with limits, volumes, a user, variables and arguments that a shell would run',
		words: [
			...[
				'--memory',
				'64m',
				'--pids-limit',
				'50',
				'--cpus',
				'0.5',
				'--ulimit',
				'nofile=100:200',
				'--user',
				'1000:2000',
			],
			...[
				'--mount',
				`type=bind,"source=${hostile.replaceAll('"', '""')}",target=/data dir`,
				'-v',
				'/etc/hostname:/h:ro',
			],
			...[
				'-e',
				`A=$(touch ${sandbox.dir}/canary)`,
				'-e',
				'B=it\'s\n"quoted" \\',
				'-e',
				'BASH_FUNC_cd%%=() { exit 3; }',
			],
			...['--hostname', 'by-hand', '--cap-add', 'NET_ADMIN', '--security-opt', 'no-new-privileges'],
		],
		args: ['report', ...['$HOME', '`id`', '; exit 9', "it's", '\n', ''].flatMap(word => ['--', 'read', word])],
		named: [],
	},
	{
		title: 'with a read-only root, other devices, a tmpfs and nothing masked',
		words: ['--read-only', '--tmpfs', '/x:size=1m', '--privileged', '--shm-size', '1m', '-v', '/etc:/etc-of-host:ro'],
		args: [],
		named: ['session-keyring'],
	},
	{ title: 'in a bridge network', words: ['--network', 'hand'], args: [], named: ['nftables'] },
	{
		title: 'with the network and the processes of the host',
		words: ['--network', 'host', '--pid', 'host'],
		args: [],
		named: [],
	},
];

describe.each(REQUESTS)('a container $title', ({ words, args, named }) => {
	const isPrivileged = words.includes('--privileged');

	it('is the same from inside, but for what the script says', async () => {
		const request = ['--rm', '--cgroup-parent', parent.path, ...words, image, ...args];
		const tsrun = await runTsrun(sandbox, ['run', ...request], { wrapper: HOST });
		expect(tsrun.stderr).toBe('');
		const script = await runScript(request);
		expect(script.stderr).toBe('');
		const [one, other] = [tsrun.stdout, script.stdout].map(text => parseWitness(text).report) as [
			WitnessReport,
			WitnessReport,
		];
		expect(differences(one, other)).toEqual(isPrivileged ? {} : ALWAYS);
		expect(script.named).toEqual([...new Set([...(isPrivileged ? [] : NAMED), ...named])]);
		expect(existsSync(join(sandbox.dir, 'canary'))).toBe(false);
	});

	it('has the same network and control files', async () => {
		const look = [
			'busybox ip addr; busybox ip route; busybox ip link; cat /etc/hosts /etc/resolv.conf /etc/hostname; cd /sys/fs/cgroup',
			'for f in */cpu.cfs_* */memory.*limit* */pids.max */devices.list */cpuset.cpus *.max; do echo $f; cat $f; done 2>&1',
			'cat /proc/sys/net/ipv4/ping_group_range /proc/sys/net/ipv4/ip_unprivileged_port_start; ls -ldn / /dev/* /tmp | tr -s " "',
		].join('; ');
		const root = words.filter((word, index) => word !== '--user' && words[index - 1] !== '--user');
		const request = ['--rm', '--cgroup-parent', parent.path, ...root, '--entrypoint', '/bin/sh', image, '-c', look];
		const tsrun = await runTsrun(sandbox, ['run', ...request], { wrapper: HOST });
		const script = await runScript(request);
		expect(linesOf(script.stdout)).toEqual(linesOf(tsrun.stdout));
		expect(script.stdout).toContain('cpuset.cpus');
	});
});

describe('the script', () => {
	const withShell = (script: string): readonly string[] => [
		...['--cgroup-parent', parent.path, '--entrypoint', '/bin/sh', image, '-c', script],
	];

	it('ends with the exit code of the program, and with 127 where there is none', async () => {
		expect((await runScript(withShell('exit 7'))).exitCode).toBe(7);
		expect((await runScript(['--cgroup-parent', parent.path, '--entrypoint', '/no/such', image])).exitCode).toBe(127);
	});

	it('passes a signal on to the program, and takes the container down', async () => {
		const path = await scriptFile(
			withShell('trap "echo told; exit 9" TERM; echo ready; while :; do busybox sleep 0.1; done'),
		);
		const child = spawn('bash', [path], { env: environment(), stdio: ['ignore', 'pipe', 'inherit'] });
		const output: Buffer[] = [];
		child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
		while (!Buffer.concat(output).includes('ready')) await once(child.stdout, 'data');
		child.kill('SIGTERM');
		const [status] = await once(child, 'exit');
		expect(Buffer.concat(output).toString()).toBe('ready\ntold\n');
		expect(status).toBe(9);
		expect(traces(readFileSync(path, 'utf8'))).toEqual([]);
	});

	it('takes the program along when it is killed', async () => {
		const path = await scriptFile(withShell('echo ready; exec busybox sleep 1000'));
		const child = spawn('bash', [path], { env: environment(), stdio: ['ignore', 'pipe', 'inherit'] });
		await once(child.stdout, 'data');
		child.kill('SIGKILL');
		// the pipe closes with the last process that holds it
		await once(child, 'close');
		for (const name of readdirSync(temporary)) rmSync(join(temporary, name), { recursive: true });
	});

	it('says what is missing before it begins', async () => {
		const path = await scriptFile(withShell('exit 0'));
		renameSync(join(sandbox.root, 'layers'), join(sandbox.root, 'away'));
		const { status, stderr } = spawnSync('bash', [path], { env: environment(), encoding: 'utf8' });
		renameSync(join(sandbox.root, 'away'), join(sandbox.root, 'layers'));
		expect(stderr).toMatch(/^tsrun: .*layers\/\w+ is not there: /);
		expect(status).toBe(125);
		expect(traces(readFileSync(path, 'utf8'))).toEqual([]);
	});

	it('takes down what a failure in the middle has left', async () => {
		const path = await scriptFile(withShell('exit 0'));
		const text = readFileSync(path, 'utf8');
		writeFileSync(path, text.replace(/^\tread_only \/proc\/sys$/m, '\tfalse'));
		const { status } = spawnSync('bash', [path], { env: environment(), encoding: 'utf8' });
		expect(status).not.toBe(0);
		expect(traces(text)).toEqual([]);
	});
});

const environment = (): NodeJS.ProcessEnv => ({ PATH: process.env.PATH, TMPDIR: temporary, ...sandbox.env });

async function scriptFile(request: readonly string[]): Promise<string> {
	const { stdout, stderr } = await runTsrun(sandbox, ['plan', '--format', 'sh', ...request], { wrapper: HOST });
	expect(stderr).toBe('');
	const path = join(sandbox.dir, 'script.sh');
	writeFileSync(path, stdout);
	return path;
}

/** As users run it: by a pipe. What it leaves fails the test. */
async function runScript(request: readonly string[]): Promise<{
	readonly stdout: string;
	readonly stderr: string;
	readonly exitCode: number | null;
	readonly named: readonly string[];
}> {
	const text = readFileSync(await scriptFile(request), 'utf8');
	const [command = '', ...rest] = [...HOST, 'bash', '--norc'];
	const { stdout, stderr, status } = spawnSync(command, rest, {
		input: text,
		encoding: 'utf8',
		env: environment(),
		timeout: 60_000 * SLOWNESS,
	});
	expect(traces(text)).toEqual([]);
	const names = Object.keys(DIFFERENCES) as readonly Difference[];
	const named = names.filter(name => text.includes(`\n# - ${DIFFERENCES[name]}\n`));
	return { stdout, stderr, exitCode: status, named };
}

/** Mounts, control groups, links, directories and temporary files of the script's container. */
function traces(script: string): readonly string[] {
	const id = /containers\/([0-9a-f]{64})/.exec(script)?.[1] ?? 'none';
	const links = execFileSync('ip', ['-n', NETNS, '-o', 'link'], { encoding: 'utf8' });
	return [
		...readFileSync('/proc/self/mountinfo', 'utf8')
			.split('\n')
			.filter(line => line.includes(sandbox.dir)),
		...parent.directories(id),
		...links.split('\n').filter(line => line.includes(`tsr${id.slice(0, 9)}`)),
		...readdirSync(join(sandbox.root, 'containers')).filter(name => name === id),
		...readdirSync(temporary),
	];
}

/** Places where two reports are not the same, each with both values. */
function differences(one: WitnessReport, other: WitnessReport): Record<string, readonly [unknown, unknown]> {
	const [a, b] = [normal(one), normal(other)];
	const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
	return Object.fromEntries(
		keys.flatMap(key => (JSON.stringify(a[key]) === JSON.stringify(b[key]) ? [] : [[key, [a[key], b[key]]]])),
	);
}

/** Without what no two containers share: ids, pids of the host, numbers of mounts, devices and inodes. */
function normal(report: WitnessReport): Record<string, unknown> {
	const known = JSON.parse(withoutIds(JSON.stringify(report))) as WitnessReport;
	const ofHost = Object.keys(known.namespaces).map(name => [name, readlinkSync(`/proc/self/ns/${name}`)] as const);
	const isHostPid = known.namespaces.pid === readlinkSync('/proc/self/ns/pid');
	return {
		...known,
		namespaces: ofHost.map(
			([name, host]) => `${name}: ${known.namespaces[name as NamespaceName] === host ? 'host' : 'new'}`,
		),
		mounts: normalMounts(known.mounts),
		fds: known.fds.map(({ fd, target }) => `${fd} ${target?.replace(/\d+/, 'N') ?? ''}`),
		...(isHostPid ? { pid: 0, ppid: 0, pgid: 0, sid: 0 } : {}),
	};
}

/** proc(5), mountinfo: mount id, parent, device, root, mount point, options, propagation, `-`, type, source, options. */
function normalMounts(lines: readonly string[]): readonly string[] {
	const places = new Map(lines.map(line => [line.split(' ')[0], line.split(' ')[4]]));
	return lines.map(line => {
		const [, above = '', device = '', ...rest] = line.split(' ');
		const text = rest.join(' ').replaceAll(/(shared|master|propagate_from):\d+/g, '$1');
		return `${places.get(above) ?? ''} ${device.replace(/^0:\d+/, '0:N')} ${text}`;
	});
}

const withoutIds = (text: string): string =>
	text.replaceAll(/\b[0-9a-f]{64}\b/g, '<id>').replaceAll(/\b[0-9a-f]{12}\b/g, '<short id>');

function linesOf(stdout: string): readonly string[] {
	return (
		withoutIds(stdout)
			.replaceAll(/@if\d+/g, '@if<index>')
			// of the last half year; what the image has is older
			.replaceAll(/[A-Z][a-z]{2} +\d+ \d\d:\d\d/g, '<now>')
			.split('\n')
	);
}
