import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { listContainers } from './support/list-containers.ts';
import { createSandbox, runTsrun, TSRUN, type TsrunResult } from './support/run-tsrun.ts';
import { SLOWNESS } from './support/slowness.ts';

// A network namespace is the host: the machine's own interfaces and tables are out of reach. /etc/hosts and the like are shared.
const NETNS = `tsrun-net-${process.pid}`;
const HOST = ['nsenter', `--net=/run/netns/${NETNS}`, '--'];
const IMAGE = `oci:${resolve(import.meta.dirname, '../../dist/images/hello')}`;
const sandbox = createSandbox();
const background: Promise<unknown>[] = [];

const onHost = (...words: readonly string[]): string => {
	const [command = '', ...rest] = [...HOST, ...words];
	const { status, stdout, stderr } = spawnSync(command, rest, { encoding: 'utf8', timeout: 20_000 * SLOWNESS });
	return status === 0 ? stdout : `${stdout}${stderr}[${status}]`;
};
const tsrun = (...words: readonly string[]): Promise<TsrunResult> => runTsrun(sandbox, words, { wrapper: HOST });

beforeAll(() => {
	execFileSync('ip', ['netns', 'add', NETNS]);
	onHost('ip', 'link', 'set', 'lo', 'up');
});
afterEach(async () => {
	for (const name of readdirNames()) await tsrun('rm', '-f', name);
	await Promise.all(background.splice(0).map(each => each.catch(() => undefined)));
});
afterAll(() => {
	execFileSync('ip', ['netns', 'delete', NETNS]);
	sandbox.remove();
});

function readdirNames(): readonly string[] {
	try {
		return readdirSync(join(sandbox.state, '.names'));
	} catch {
		return [];
	}
}

/** A container that goes on beside the test; it is there when it has said `ready`. */
async function start(name: string, words: readonly string[], script: string): Promise<void> {
	const [command = '', ...rest] = [...HOST, TSRUN, 'run', '--rm', '--name', name, ...words, IMAGE, 'sh', '-c'];
	const run = execa(command, [...rest, `${script}`], {
		env: { ...sandbox.env },
		stdin: 'ignore',
		reject: false,
		buffer: true,
	});
	background.push(run);
	let output = '';
	run.stdout?.on('data', (text: Buffer) => {
		output += text.toString();
	});
	const deadline = Date.now() + 20_000 * SLOWNESS;
	while (!output.includes('ready')) {
		if (Date.now() > deadline || run.exitCode !== null) throw new Error(`${name}: ${output}${(await run).stderr}`);
		await sleep(20);
	}
}

/** Answers each connection at port 80 with its name. */
const SERVE = (text: string): string =>
	`mkdir -p /www; echo ${text} > /www/index.html; httpd -p 80 -h /www; echo ready; exec sleep 1000`;
/** It ended by itself, or by the signal of timeout(1). */
const REFUSED = /\[(\d+|null)\]$/;
const SLEEP = 'echo ready; exec sleep 1000';
const curl = (url: string): string => onHost('curl', '-s', '-S', '--max-time', '5', url);
/** A command with the root and the network of a container. */
async function inside(name: string, ...words: readonly string[]): Promise<string> {
	const { pid } = await find(name);
	return onHost('nsenter', '--target', String(pid), '--mount', '--net', '--pid', '--', ...words);
}

async function find(name: string): Promise<{ readonly id: string; readonly pid: number }> {
	const found = (await listContainers(sandbox, { wrapper: HOST })).find(each => each.name === name);
	return found ?? { id: 'none', pid: 0 };
}

const idOf = async (name: string): Promise<string> => (await find(name)).id;

/** What of tsrun is left on the host beside bridges. */
const traces = (): string =>
	onHost('nft', 'list', 'tables') +
	onHost('ip', '-o', 'link')
		.split('\n')
		.filter(line => /: tsr[0-9a-f]/.test(line))
		.join('\n');

it('a published port answers on 127.0.0.1 and on the address of the host, and the container goes without a trace', async () => {
	await start('web', ['-p', '8080:80'], SERVE('hello'));
	expect(curl('http://127.0.0.1:8080/')).toBe('hello\n');
	expect(curl('http://10.144.0.1:8080/')).toBe('hello\n');
	expect((await tsrun('port', 'web')).stdout).toBe('80/tcp -> 0.0.0.0:8080\n');
	expect((await tsrun('port', 'web', '81')).stderr).toContain('no public port 81/tcp published for web');
	// nobody else gets the port
	expect(onHost('python3', '-c', 'import socket; socket.create_server(("127.0.0.1", 8080))')).toContain(
		'Address already in use',
	);
	await tsrun('rm', '-f', 'web');
	expect(traces()).toBe('');
});

it('a port at one address of the host is at no other, and one that the kernel chooses is told', async () => {
	await start('web', ['-p', '127.0.0.1:8081:80', '-p', '80'], SERVE('hello'));
	expect(curl('http://127.0.0.1:8081/')).toBe('hello\n');
	expect(curl('http://10.144.0.1:8081/')).toContain('[7]');
	const { stdout } = await tsrun('port', 'web');
	const chosen = /80\/tcp -> 0\.0\.0\.0:(\d+)\n/.exec(stdout)?.[1] ?? '';
	expect(curl(`http://127.0.0.1:${chosen}/`)).toBe('hello\n');
	// none of the sockets is in the container
	expect(await inside('web', 'ls', '/proc/1/fd')).toBe('0\n1\n2\n');
});

it('a port in use is told with the container that has it, and by whom else', async () => {
	await start('web', ['-p', '8082:80'], SERVE('hello'));
	const second = await tsrun('run', '--rm', '-p', '8082:80', IMAGE, 'true');
	expect(second.stderr).toContain('port 8082/tcp of 0.0.0.0 is in use by container web');
	expect(second.exitCode).toBe(125);
	const choice = await tsrun('run', '--rm', '-p', '8082-8083:80', IMAGE, 'true');
	expect(choice).toMatchObject({ exitCode: 0, stderr: '' });
	const absent = await tsrun('run', '--rm', '-p', '192.0.2.1:8084:80', IMAGE, 'true');
	expect(absent.stderr).toContain('cannot publish port 8084/tcp at 192.0.2.1: cannot assign requested address');
});

it('the supervisor killed: the next command leaves neither interface nor rule', async () => {
	await start('web', ['-p', '8085:80'], SERVE('hello'));
	const id = await idOf('web');
	const progress = readFileSync(join(sandbox.state, id, 'progress'));
	process.kill(progress.readInt32LE(8), 'SIGKILL');
	await Promise.all(background.splice(0));
	expect((await tsrun('ps', '-a', '-q')).stdout).toBe('');
	expect(traces()).toBe('');
	await start('web', ['-p', '8085:80'], SERVE('again'));
	expect(curl('http://127.0.0.1:8085/')).toBe('again\n');
});

it('containers of a network find each other by name, alias and short id, as long as they are there', async () => {
	expect((await tsrun('network', 'create', 'app')).exitCode).toBe(0);
	await start('db', ['--network', 'app', '--network-alias', 'store'], SERVE('data'));
	await start('web', ['--network', 'app'], SLEEP);
	const id = (await idOf('db')).slice(0, 12);
	for (const name of ['db', 'store', id]) {
		expect(await inside('web', 'timeout', '10', 'wget', '-q', '-O', '-', `http://${name}/`)).toBe('data\n');
	}
	expect(await inside('db', 'cat', '/etc/hosts')).toMatch(/^10\.160\.0\.3\tweb [0-9a-f]{12}$/m);
	await tsrun('rm', '-f', 'web');
	expect(await inside('db', 'cat', '/etc/hosts')).not.toContain('web');
	const removal = await tsrun('network', 'rm', 'app');
	expect(removal.stderr).toContain('network app is in use by container db');
	expect(removal.exitCode).toBe(1);
	await tsrun('rm', '-f', 'db');
	expect((await tsrun('network', 'rm', 'app')).stdout).toBe('app\n');
	expect(onHost('ip', '-o', 'link')).not.toContain('tsrun-');
});

it('networks are apart: neither address nor port of one is reached from another, but what is published is', async () => {
	for (const name of ['one', 'two']) await tsrun('network', 'create', name);
	await start('aa', ['--network', 'one', '-p', '8086:80'], SERVE('first'));
	await start('bb', ['--network', 'two'], SLEEP);
	const address = /(10\.160\.\d+\.2)\/24/.exec((await tsrun('network', 'inspect', 'one')).stdout)?.[1] ?? '';
	expect(await inside('bb', 'timeout', '3', 'wget', '-q', '-O', '-', `http://${address}/`)).toMatch(REFUSED);
	expect(
		await inside('bb', 'timeout', '3', 'wget', '-q', '-O', '-', `http://${address.replace(/2$/, '1')}:8086/`),
	).toBe('first\n');
	expect(
		await inside('aa', 'timeout', '3', 'wget', '-q', '-O', '-', `http://${address.replace(/2$/, '1')}:8086/`),
	).toBe('first\n');
	expect(await inside('bb', 'cat', '/etc/hosts')).not.toContain('first');
	await tsrun('rm', '-f', 'aa');
	await tsrun('rm', '-f', 'bb');
	expect((await tsrun('network', 'prune', '-f')).stdout).toBe('Deleted Networks:\none\ntwo\n\n');
});

it('a running container is connected with another network, and taken out of it', async () => {
	for (const name of ['front', 'back']) await tsrun('network', 'create', name);
	await start('web', ['--network', 'front'], SLEEP);
	await start('db', ['--network', 'back'], SERVE('data'));
	expect(await inside('web', 'timeout', '3', 'wget', '-q', '-O', '-', 'http://db/')).toMatch(REFUSED);
	expect(await tsrun('network', 'connect', '--alias', 'client', 'back', 'web')).toMatchObject({
		stderr: '',
		exitCode: 0,
	});
	expect(await inside('web', 'timeout', '3', 'wget', '-q', '-O', '-', 'http://db/')).toBe('data\n');
	expect(await inside('db', 'cat', '/etc/hosts')).toMatch(/\tweb client [0-9a-f]{12}$/m);
	expect((await tsrun('network', 'connect', 'back', 'web')).stderr).toContain(
		'container web is in network back already',
	);
	expect(await tsrun('network', 'disconnect', 'back', 'web')).toMatchObject({ stderr: '', exitCode: 0 });
	expect(await inside('db', 'cat', '/etc/hosts')).not.toContain('client');
	expect(await inside('web', 'ls', '/sys/class/net')).toBe('eth0\nlo\n');
	for (const name of ['web', 'db']) await tsrun('rm', '-f', name);
	expect(traces()).toBe('');
	await tsrun('network', 'prune', '-f');
});

it('IPv6, addresses that are asked for, and an internal network', async () => {
	const make = [
		'network',
		'create',
		'--ipv6',
		'--subnet',
		'10.99.0.0/24',
		'--subnet',
		'fd99::/64',
		'--internal',
		'six',
	];
	expect(await tsrun(...make)).toMatchObject({ exitCode: 0, stderr: '' });
	const words = ['--network', 'six', '--ip', '10.99.0.9', '--ip6', 'fd99::9', '--mac-address', '02:00:00:00:00:09'];
	await start('aa', words, SERVE('six'));
	expect(await inside('aa', 'cat', '/sys/class/net/eth0/address')).toBe('02:00:00:00:00:09\n');
	expect(await inside('aa', 'cat', '/proc/net/if_inet6')).toContain('fd990000000000000000000000000009');
	// no way out
	expect(await inside('aa', 'cat', '/proc/net/route')).not.toMatch(/^eth0\t00000000\t/m);
	expect(curl('http://[fd99::9]/')).toBe('six\n');
	const taken = await tsrun('run', '--rm', '--network', 'six', '--ip', '10.99.0.9', IMAGE, 'true');
	expect(taken.stderr).toMatch(/address 10\.99\.0\.9 of network six is in use by container [0-9a-f]{12}/);
	const other = await tsrun('network', 'create', '--subnet', '10.99.0.128/25', 'overlap');
	expect(other.stderr).toContain('subnet 10.99.0.128/25 overlaps 10.99.0.0/24 of network six');
	await tsrun('rm', '-f', 'aa');
	await tsrun('network', 'rm', 'six');
});

it('several networks a container, and the network of a namespace file', async () => {
	for (const name of ['one', 'two']) await tsrun('network', 'create', name);
	const { stdout } = await tsrun('run', '--rm', '--network', 'one,two', IMAGE, 'ls', '/sys/class/net');
	expect(stdout).toBe('eth0\neth1\nlo\n');
	await tsrun('network', 'prune', '-f');
	onHost('ip', 'link', 'add', 'elsewhere', 'type', 'bridge');
	const joined = await tsrun('run', '--rm', '--network', `ns:/run/netns/${NETNS}`, IMAGE, 'ls', '/sys/class/net');
	expect(joined.stdout).toContain('elsewhere');
	const missing = await tsrun('run', '--rm', '--network', 'nowhere', IMAGE, 'true');
	expect(missing.stderr).toContain('network nowhere not found');
	expect(missing.exitCode).toBe(125);
});

it('many at once have addresses of their own', async () => {
	const runs = await Promise.all(
		Array.from({ length: 8 }, () =>
			tsrun('run', '--rm', '--network', 'bridge', IMAGE, 'sh', '-c', `tail -n 1 /etc/hosts; sleep ${3 * SLOWNESS}`),
		),
	);
	const addresses = runs.map(({ stdout }) => stdout.split('\t')[0]);
	expect(runs.map(({ stderr }) => stderr).join('')).toBe('');
	expect(new Set(addresses).size).toBe(8);
	expect(traces()).toBe('');
});

it('a container that names no network is in the bridge, unless TSRUN_NETWORK names another', async () => {
	const interfaces = async (told: string): Promise<string> => {
		const options = { wrapper: HOST, env: { TSRUN_NETWORK: told } };
		return (await runTsrun(sandbox, ['run', '--rm', IMAGE, 'ls', '/sys/class/net'], options)).stdout;
	};
	expect(await interfaces('')).toBe('eth0\nlo\n');
	expect(await interfaces('none')).toBe('lo\n');
	expect(traces()).toBe('');
});

it('host-gateway is the host, in each run anew, and refused where no network leads there', async () => {
	await tsrun('network', 'create', '--internal', 'closed');
	const asked = ['run', '--name', 'asking', '--network', 'bridge', '--add-host', 'outer:host-gateway', IMAGE];
	const first = await tsrun(
		...asked,
		'sh',
		'-c',
		'grep -w outer /etc/hosts; ping -c 1 -W 2 outer | grep "1 packets received"',
	);
	const gateway = /inet ([\d.]+)/.exec(onHost('ip', '-4', 'addr', 'show', 'tsrun0'))?.[1];
	expect([first.stderr, first.stdout]).toEqual(['', expect.stringMatching(`^${gateway}\touter\n1 packets`)]);
	await tsrun('start', 'asking');
	await tsrun('wait', 'asking');
	expect((await tsrun('logs', 'asking')).stdout).toMatch(new RegExp(`^${gateway}\touter\n1 packets`));
	const refused = await tsrun('run', '--rm', '--network', 'closed', '--add-host', 'outer:host-gateway', IMAGE, 'true');
	expect([refused.exitCode, refused.stderr]).toEqual([
		125,
		expect.stringContaining(
			'--add-host "outer:host-gateway" names the gateway to the host, and the container has none',
		),
	]);
	await tsrun('network', 'rm', 'closed');
	await tsrun('rm', 'asking');
	expect(traces()).toBe('');
});

it('without the right to a bridge the way out is told', async () => {
	onHost('ip', 'link', 'del', 'tsrun0');
	const wrapper = [...HOST, 'setpriv', '--bounding-set=-net_admin'];
	const { stderr, exitCode } = await runTsrun(sandbox, ['run', '--rm', IMAGE, 'true'], {
		wrapper,
		env: { TSRUN_NETWORK: '' },
	});
	expect([exitCode, stderr]).toEqual([
		125,
		expect.stringMatching(
			/^tsrun: cannot make the bridge tsrun0 of network bridge: operation not permitted\n {2}hint: .*--network none/,
		),
	]);
});
