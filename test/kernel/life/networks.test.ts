import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openBox, until } from './support.ts';

// A network namespace is the host: the machine's own interfaces and tables are out of reach.
const NETNS = `tsrun-life-${process.pid}`;
const HOST = ['nsenter', `--net=/run/netns/${NETNS}`, '--'];
beforeAll(() => {
	execFileSync('ip', ['netns', 'add', NETNS]);
	onHost('ip', 'link', 'set', 'lo', 'up');
});
const { sandbox, tsrun, output, statusOf, shell } = openBox({ isAudited: false, wrapper: HOST });
afterAll(() => execFileSync('ip', ['netns', 'delete', NETNS]));

const onHost = (...words: readonly string[]): string => {
	const { stdout, stderr } = spawnSync(HOST[0] ?? '', [...HOST.slice(1), ...words], { encoding: 'utf8' });
	return `${stdout}${stderr}`;
};
/** Answers each connection at port 80 with its name. */
const SERVE = 'mkdir -p /www; hostname > /www/index.html; exec httpd -f -p 80 -h /www';
const answers = (port: number, text: string) =>
	until(`port ${port} answers`, () => onHost('curl', '-s', '--max-time', '2', `http://127.0.0.1:${port}/`) === text);
const inside = (name: string, script: string) => output('exec', name, 'sh', '-c', script);
const addressOf = async (name: string) =>
	/inet ([\d.]+)\/\d+ .*eth0/.exec(await inside(name, 'ip -4 addr show eth0'))?.[1];
/** A program of the host that takes a port. @returns what ends it */
async function take(port: number): Promise<() => Promise<unknown>> {
	const script = `import socket, time; s = socket.create_server(("", ${port})); print("ready", flush=True); time.sleep(100)`;
	const [command = '', ...rest] = [...HOST, 'python3', '-c', script];
	const program = spawn(command, rest, { stdio: ['ignore', 'pipe', 'inherit'] });
	await once(program.stdout, 'data');
	return () => {
		program.kill('SIGKILL');
		return once(program, 'exit');
	};
}

it('a container starts again with its ports, its address and its names', async () => {
	await output('network', 'create', 'app');
	await shell('web', SERVE, '--network', 'app', '--network-alias', 'site', '-p', '8080:80', '--hostname', 'one');
	await answers(8080, 'one\n');
	const address = await addressOf('web');
	await output('stop', '-t', '0', 'web');
	expect(onHost('nft', 'list', 'tables')).not.toContain('tsrun');
	// it takes the next address: that of web is not free
	await shell('client', 'sleep 1000', '--network', 'app');
	expect(await output('start', 'web')).toBe('web');
	await answers(8080, 'one\n');
	expect(await addressOf('web')).toBe(address);
	expect(await output('port', 'web')).toBe('80/tcp -> 0.0.0.0:8080');
	expect(await inside('client', 'wget -q -O - http://site/')).toBe('one');
	expect(await inside('web', 'cat /etc/hosts')).toMatch(/\tclient [0-9a-f]{12}$/m);
	expect(await output('restart', '-t', '0', 'web')).toBe('web');
	await answers(8080, 'one\n');
	expect(await inside('client', 'cat /etc/hosts')).toMatch(new RegExp(`^${address}\tweb one site `, 'm'));
	await output('rm', '-f', 'web', 'client');
	expect(onHost('ip', '-o', 'link')).not.toMatch(/: tsr[0-9a-f]/);
	await output('network', 'rm', 'app');
});

it('many that end at once are gone from the files of the others, a note of one that runs again is none of an end', async () => {
	await output('network', 'create', 'many');
	const names = Array.from({ length: 8 }, (_, index) => `m${index}`);
	await Promise.all(names.map(name => shell(name, 'sleep 1000', '--network', 'many')));
	await shell('stays', SERVE, '--network', 'many', '-p', '8083:80');
	expect((await inside('stays', 'cat /etc/hosts')).match(/\tm\d /g)).toHaveLength(names.length);
	const departing = join(sandbox.state, '.networks/.departing');
	mkdirSync(departing, { recursive: true });
	const [stays = ''] = (await output('ps', '--no-trunc', '-q', '--filter', 'name=stays')).split('\n');
	for (const id of [stays, '0'.repeat(64)]) writeFileSync(join(departing, id), '');
	await output('stop', '-t', '0', ...names);
	expect(await inside('stays', 'cat /etc/hosts')).not.toMatch(/\tm\d /);
	expect(readdirSync(departing)).toEqual([stays]);
	await answers(8083, `${(await inside('stays', 'hostname')).trim()}\n`);
	await output('rm', '-f', 'stays', ...names);
	expect(readdirSync(departing)).toEqual([]);
	await output('network', 'rm', 'many');
});

it('a port that is taken meanwhile is named, and the container stays ended', async () => {
	await shell('web', SERVE, '-p', '8081:80');
	await output('stop', '-t', '0', 'web');
	const giveBack = await take(8081);
	const { exitCode, stdout, stderr } = await tsrun(['start', 'web']);
	expect([exitCode, stdout]).toEqual([1, '']);
	expect(stderr).toContain('port 8081/tcp of 0.0.0.0 is in use');
	expect(await statusOf('web')).toMatchObject({ status: 'exited', exitCode: 137 });
	await giveBack();
	expect(await output('start', 'web')).toBe('web');
	expect(await output('port', 'web')).toBe('80/tcp -> 0.0.0.0:8081');
});

it('a restart policy brings the ports back, and nothing holds them after the end', async () => {
	const script = `test -e /again && { ${SERVE}; }; touch /again; exit 1`;
	await shell('web', script, '-p', '8082:80', '--restart', 'on-failure', '--hostname', 'two');
	await answers(8082, 'two\n');
	await output('stop', '-t', '0', 'web');
	await (await take(8082))();
});

it('a network that the container was connected with is there again, one that it was taken out of is not', async () => {
	for (const name of ['front', 'back']) await output('network', 'create', name);
	await shell('web', 'sleep 1000', '--network', 'front', '-p', '8083:80');
	await output('network', 'connect', 'back', 'web');
	await output('restart', '-t', '0', 'web');
	expect(await inside('web', 'ls /sys/class/net')).toBe('eth0\neth1\nlo');
	for (const name of ['front', 'back']) await output('network', 'disconnect', name, 'web');
	await output('restart', '-t', '0', 'web');
	expect(await inside('web', 'ls /sys/class/net')).toBe('lo');
	await output('stop', '-t', '0', 'web');
	await output('network', 'prune', '-f');
});

it('a network that was removed meanwhile is named', async () => {
	await output('network', 'create', 'gone');
	await shell('web', 'sleep 1000', '--network', 'gone');
	await output('stop', '-t', '0', 'web');
	await output('network', 'rm', 'gone');
	expect((await tsrun(['start', 'web'])).stderr).toContain('network gone not found');
	expect(await statusOf('web')).toMatchObject({ status: 'exited' });
});

it('keeps as plain JSON what the next run needs', async () => {
	const id = await shell('web', 'sleep 1000', '-p', '127.0.0.1:8084:80');
	const stored = JSON.parse(readFileSync(join(sandbox.root, 'containers', id, 'container.json'), 'utf8'));
	expect(stored.networks).toMatchObject({
		places: [{ request: { name: 'bridge' }, addresses: [expect.stringMatching(/^10\.144\./)] }],
		ports: [{ hostAddress: '127.0.0.1', hostPorts: { first: 8084, last: 8084 }, port: 80, protocol: 'tcp' }],
	});
	expect(stored.container.network).toBeUndefined();
});

it('a container that was created takes ports and addresses at its start', async () => {
	const create = (name: string) =>
		output('create', '--name', name, '--network', 'bridge', '-p', '8080:80', 'box', 'sh', '-c', SERVE);
	for (const name of ['first', 'second']) await create(name);
	expect(await output('port', 'second')).toBe('');
	await output('start', 'second');
	await answers(8080, `${(await inside('second', 'hostname')).trim()}\n`);
	const { exitCode, stderr } = await tsrun(['start', 'first']);
	expect([exitCode, stderr]).toEqual([1, expect.stringContaining('8080')]);
	expect(await statusOf('first')).toMatchObject({ status: 'created' });
	await output('rm', '-f', 'second');
	await output('start', 'first');
	expect(await output('port', 'first')).toBe('80/tcp -> 0.0.0.0:8080');
});
