import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { addRunOptions } from '../../../src/cli/run-flags.ts';
import { readRunOptions } from '../../../src/cli/run-options.ts';
import { DEFAULT_RUN_OPTIONS, type RunOptions } from '../../../src/spec/run-options.ts';
import { thrownBy } from '../spec/expect-bad-flag.ts';

const FILES: Readonly<Record<string, string>> = { '/home/me/file.env': 'A=file\nHERE\n' };
const context = {
	environment: { HERE: 'yes' },
	cwd: '/home/me',
	readText: (path: string) => {
		const text = FILES[path];
		if (text === undefined) throw new Error(`ENOENT: no such file or directory, open '${path}'`);
		return text;
	},
};

/** What `run` would get from these words. */
function parsed(...words: readonly string[]): Command {
	const program = new Command().enablePositionalOptions().exitOverride();
	const command = addRunOptions(program.command('run').argument('<words...>'))
		.exitOverride()
		.action(() => {});
	program.parse(['run', ...words], { from: 'user' });
	return command;
}
function run(...words: readonly string[]): { options: RunOptions; words: readonly string[] } {
	const command = parsed(...words);
	return { options: readRunOptions(command.opts(), context), words: command.args };
}
const options = (...words: readonly string[]) => run(...words, 'image').options;
const MiB = 1024 ** 2;
const BRIDGE: RunOptions['network'] = { kind: 'networks', networks: [{ name: 'bridge', aliases: [], linkLocal: [] }] };
const DEFAULTS: RunOptions = { ...DEFAULT_RUN_OPTIONS, network: BRIDGE };

it("means docker's defaults without flags", () => {
	expect(options()).toEqual(DEFAULTS);
});

it('leaves everything after the image to the container', () => {
	expect(run('--rm', 'image', 'ls', '-l', '--rm', '-v', '--', 'x').words).toEqual([
		'image',
		'ls',
		'-l',
		'--rm',
		'-v',
		'--',
		'x',
	]);
});

it.each<[readonly string[], Partial<RunOptions>]>([
	[['--name', 'web'], { name: 'web' }],
	[['--rm', '-it'], { rm: true, interactive: true, tty: true }],
	[['-e', 'A=1', '--env', 'HERE', '-e', 'NOT_HERE'], { env: ['A=1', 'HERE=yes', 'NOT_HERE'] }],
	[['-e', 'A=flag', '--env-file', 'file.env'], { env: ['A=file', 'HERE=yes', 'A=flag'] }],
	[['-w', '/srv'], { workdir: '/srv' }],
	[['-u', '1000:1000', '--group-add', 'audio', '--group-add', '5'], { user: '1000:1000', groupAdd: ['audio', '5'] }],
	[['--entrypoint', 'sh'], { entrypoint: 'sh' }],
	[['--entrypoint', ''], { entrypoint: '' }],
	[['--entrypoint='], { entrypoint: '' }],
	[
		['-l', 'a=b', '--label', '__proto__=x'],
		{ labels: JSON.parse('{"a":"b","__proto__":"x"}') as Record<string, string> },
	],
	[
		['--init', '--privileged', '--read-only', '--no-pivot'],
		{ init: true, privileged: true, readOnly: true, noPivot: true },
	],
	[['--stop-signal', 'SIGINT', '--cidfile', 'x/id'], { stopSignal: 2, cidfile: '/home/me/x/id' }],
	[['--platform', 'linux/arm64', '--pull', 'never'], { platform: 'linux/arm64', pull: 'never' }],
	[['--shm-size', '1m'], { shmSize: MiB }],
	[['-h', 'web', '--domainname', 'example.com'], { hostname: 'web', domainname: 'example.com' }],
	[['--add-host', 'db:10.0.0.5'], { addHosts: [{ name: 'db', address: '10.0.0.5' }] }],
	[
		['--dns', '9.9.9.9', '--dns-search', '.', '--dns-option', 'a', '--dns-opt', 'b'],
		{ dns: ['9.9.9.9'], dnsSearch: ['.'], dnsOptions: ['a', 'b'] },
	],
	[['--network', 'host'], { network: { kind: 'host' } }],
	[['--net=host'], { network: { kind: 'host' } }],
	[
		['--pid', 'container:web', '--ipc', 'host', '--uts', 'host'],
		{ pid: { kind: 'container', container: 'web' }, ipc: { kind: 'host' }, uts: { kind: 'host' } },
	],
	[
		['--userns', 'private:100000', '--cgroupns', 'host'],
		{ userns: { kind: 'private', first: 100_000 }, cgroupns: 'host' },
	],
	[['--cap-add', 'net_admin', '--cap-drop=ALL'], { capAdd: ['CAP_NET_ADMIN'], capDrop: ['ALL'] }],
	[
		['--security-opt', 'seccomp=p.json', '--security-opt', 'no-new-privileges'],
		{ seccomp: { kind: 'file', path: '/home/me/p.json' }, noNewPrivileges: true },
	],
	[['--device', '/dev/fuse'], { devices: [{ source: '/dev/fuse', destination: '/dev/fuse', access: 'rwm' }] }],
	[['--sysctl', 'net.ipv4.ip_forward=1'], { sysctl: { 'net.ipv4.ip_forward': '1' } }],
	[['--ulimit', 'core=0', '--ulimit', 'core=1'], { ulimits: [{ type: 'RLIMIT_CORE', soft: 1, hard: 1 }] }],
	[['--oom-score-adj', '-500'], { oomScoreAdj: -500 }],
	[['--cgroup-parent', 'work'], { cgroupParent: '/work' }],
	[
		['-m', '64m', '--memory-swap', '-1', '--memory-reservation', '32m'],
		{ resources: { memory: 64 * MiB, memorySwap: -1, memoryReservation: 32 * MiB } },
	],
	[
		['--cpus', '.5', '-c', '512', '--cpuset-cpus', '0', '--cpuset-mems', '0'],
		{ resources: { nanoCpus: 5e8, cpuShares: 512, cpusetCpus: '0', cpusetMems: '0' } },
	],
	[['--cpu-period', '50000', '--cpu-quota', '-1'], { resources: { cpuPeriod: 50_000, cpuQuota: -1 } }],
	[['--pids-limit', '-1', '--blkio-weight', '10'], { resources: { pidsLimit: -1, blkioWeight: 10 } }],
])('reads %j', (words, part) => {
	expect(options(...words)).toEqual({ ...DEFAULTS, ...part });
});

it.each([
	[
		['--memory', '0'],
		['--memory-swap', '0'],
		['--memory-reservation', '0'],
		['--shm-size', '0'],
	].flat(),
	[
		['--cpus', '0'],
		['--cpu-shares', '0'],
		['--cpu-period', '0'],
		['--cpu-quota', '0'],
	].flat(),
	[
		['--pids-limit', '0'],
		['--blkio-weight', '0'],
		['--cpuset-cpus', ''],
		['--cpuset-mems', ''],
	].flat(),
	[
		['--name', ''],
		['-u', ''],
		['-w', ''],
		['-h', ''],
		['--platform', ''],
		['--cidfile', ''],
		['--cgroup-parent', ''],
	].flat(),
	[
		['--pid', ''],
		['--ipc', ''],
		['--uts', ''],
		['--userns', ''],
		['--cgroupns', ''],
	].flat(),
])('takes %j … for not set, as docker does', (...words) => {
	expect(options(...words)).toEqual(DEFAULTS);
});

it('gathers mounts of all three flags', () => {
	const { mounts } = options('--tmpfs', '/run', '--mount', 'dst=/a', '-v', './src:/b', '-v', '/c');
	expect(mounts.map(({ kind, destination }) => `${kind} ${destination}`)).toEqual([
		'bind /b',
		'volume /c',
		'volume /a',
		'tmpfs /run',
	]);
	expect(mounts[0]).toMatchObject({ source: '/home/me/src' });
});

describe('a malformed value', () => {
	it.each([
		[['--memory', '12q'], '--memory "12q" is not a size'],
		[['-m', '4m'], '--memory "4194304" is less than the 6 MiB'],
		[['-v', 'r:/x'], '--volume "r:/x" has the source "r", which is too short'],
		[['-v', 'relative/y:/x'], '--volume "relative/y:/x" has a host path that is not absolute'],
		[['--cpus', 'many'], '--cpus "many"'],
		[['--cpu-period', '999'], '--cpu-period "999" is less than 1000'],
		[['--cpu-quota', '999'], '--cpu-quota "999"'],
		[['--cpu-quota', '-2'], '--cpu-quota "-2"'],
		[['--blkio-weight', '9'], '--blkio-weight "9" is less than 10'],
		[['--pids-limit', '4194305'], '--pids-limit "4194305"'],
		[['--oom-score-adj', '1001'], '--oom-score-adj "1001"'],
		[['--stop-signal', 'SIGWHAT'], '--stop-signal "SIGWHAT" is not a signal'],
		[['--pull', 'sometimes'], '--pull "sometimes" is not known'],
		[['--cgroupns', 'x'], '--cgroupns "x" is not known'],
		[['--network', ''], '--network "" is not a network'],
		[['--env-file', 'missing.env'], '--env-file "missing.env" cannot be read: ENOENT'],
		[['--env-file', ''], '--env-file "" names no file'],
		[['--sysctl', 'kernel.core_pattern=|/x'], '--sysctl "kernel.core_pattern=|/x" belongs to the host'],
		[['--sysctl', 'net.a=1', '--network', 'host'], '--sysctl "net.a=1" needs a network namespace'],
		[['-u', 'a', '--tmpfs', 'x'], '--tmpfs "x"'],
	])('is refused by name: %j', (words, start) => {
		const error = thrownBy(() => options(...words)) as Error;
		expect(error).toMatchObject({ code: 'TSRUN_BAD_FLAG' });
		expect(error.message).toContain(start);
	});

	it.each(['2147483648', '4294967295', '4294967296', '-1', '1e3', '0x1', ' 1', '+1', ':1', '1:2:3', 'a b'])(
		'is never taken for root: --user %j (CVE-2024-40635, CVE-2026-30892)',
		user => {
			const error = thrownBy(() => options('--user', user)) as Error;
			expect(error).toMatchObject({ code: 'TSRUN_BAD_FLAG' });
			expect(error.message.startsWith(`--user ${JSON.stringify(user)} `)).toBe(true);
		},
	);

	it.each(['4294967296', '-1', ''])('is never taken for a group: --group-add %j', group => {
		expect(thrownBy(() => options('--group-add', group))).toMatchObject({ code: 'TSRUN_BAD_FLAG' });
	});
});

describe('with the words of the command line, only the options that they may mean are declared', () => {
	const declared = (...words: readonly string[]) =>
		addRunOptions(new Command('run'), words).options.map(({ long }) => long);
	const all = addRunOptions(new Command('run')).options.map(({ long }) => long);

	it.each([
		[[], []],
		[['--rm', 'image', 'true'], ['--rm']],
		[
			['-it', '--', 'image', '-'],
			['--interactive', '--tty'],
		],
		[
			['--memory=1g', '-eA=-t', 'image'],
			['--env', '--memory'],
		],
		[
			['--no-pivot', '--dns-opt', 'x', 'image'],
			['--no-pivot', '--dns-opt'],
		],
	])('%j: %j', (words, expected) => {
		expect(declared(...words)).toEqual(expected);
	});

	it.each([[['--help']], [['--rmm', 'image']], [['--rm', '-q', 'image']], [['image', 'ls', '--color']]])(
		'%j: all',
		words => {
			expect(declared(...words)).toEqual(all);
		},
	);

	it('and each alone by each of its names', () => {
		for (const { short, long } of addRunOptions(new Command('run')).options) {
			expect(declared(long ?? '')).toEqual([long]);
			if (short !== undefined) expect(declared(short)).toEqual([long]);
		}
	});
});

describe('TSRUN_NETWORK', () => {
	const networkOf = (told: string, ...words: readonly string[]) => {
		const environment = { ...context.environment, TSRUN_NETWORK: told };
		return readRunOptions(parsed(...words, 'image').opts(), { ...context, environment }).network;
	};

	it('is the network of who names none', () => {
		expect(networkOf('none')).toEqual({ kind: 'none' });
		expect(networkOf('host')).toEqual({ kind: 'host' });
		expect(networkOf('')).toEqual(BRIDGE);
		expect(networkOf('app')).toMatchObject({ networks: [{ name: 'app' }] });
		expect(networkOf('none', '--network', 'host')).toEqual({ kind: 'host' });
	});

	it('does not stand against a port that is published', () => {
		expect(networkOf('none', '-p', '80')).toEqual(BRIDGE);
	});

	it('is named where it is bad', () => {
		expect(() => networkOf('a b')).toThrow('TSRUN_NETWORK "a b" is not a network');
	});
});
