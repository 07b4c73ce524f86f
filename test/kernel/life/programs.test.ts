import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createSandbox } from '../support/run-tsrun.ts';
import { SLOWNESS } from '../support/slowness.ts';
import { commandsOf, until } from './support.ts';

// A network namespace is the host, so that its ports are free and its tables are nobody else's.
const NETNS = `tsrun-programs-${process.pid}`;
const HOST = ['nsenter', `--net=/run/netns/${NETNS}`, '--'];
const sandbox = createSandbox();
const { tsrun, output } = commandsOf(sandbox, HOST);
const POSTGRES = '/usr/lib/postgresql/15/bin/postgres -D /var/lib/postgresql/15/main';

/** stdout of a command on the host, whatever its status. */
const onHost = (...words: readonly string[]): string =>
	spawnSync(HOST[0] ?? '', [...HOST.slice(1), ...words], { encoding: 'utf8', timeout: 20_000 * SLOWNESS }).stdout;
const bash = (script: string): string => onHost('timeout', '5', 'bash', '-c', script);

/** Another container of the network, which runs one command. */
const client = (...words: readonly string[]) => tsrun(['run', '--rm', '--network', 'app', 'debian', ...words]);

/** Where a port of a container is on the host. */
const portOf = async (name: string, port: number): Promise<string> =>
	/:(\d+)$/m.exec(await output('port', name, String(port)))?.[1] ?? '';

beforeAll(async () => {
	execFileSync('ip', ['netns', 'add', NETNS]);
	onHost('ip', 'link', 'set', 'lo', 'up');
	const layout = execFileSync(join(import.meta.dirname, '../support/programs-image.sh'), { encoding: 'utf8' }).trim();
	await output('load', `oci:${layout}`);
	await output('tag', (await output('images', '-q')).split('\n')[0] ?? '', 'debian');
	await output('network', 'create', 'app');
}, 900_000 * SLOWNESS);
afterEach(async () => {
	for (const id of (await output('ps', '-aq')).split('\n').filter(Boolean)) await tsrun(['rm', '-f', '-v', id]);
});
afterAll(async () => {
	await tsrun(['network', 'rm', 'app']);
	execFileSync('ip', ['netns', 'delete', NETNS]);
	sandbox.remove();
});

describe('PostgreSQL', () => {
	const start = (...flags: readonly string[]) =>
		output(
			...['run', '-d', '--name', 'db', '--network', 'app', '-p', '127.0.0.1::5432', '-u', 'postgres'],
			...[
				'-v',
				'pgdata:/var/lib/postgresql',
				'--stop-signal',
				'INT',
				'--shm-size',
				'128m',
				'-m',
				'512m',
				...flags,
				'debian',
			],
			...POSTGRES.split(' '),
			...['-c', 'config_file=/etc/postgresql/15/main/postgresql.conf', '-c', 'listen_addresses=*'],
		);
	const sql = async (text: string): Promise<string> =>
		(await tsrun(['exec', '-u', 'postgres', 'db', 'psql', '-Atc', text])).stdout.trim();
	const isReady = () => until('PostgreSQL answers', async () => (await sql('select 1')) === '1');

	it('keeps its data in a volume, and answers other containers by name and the host by its port', async () => {
		await start();
		await isReady();
		await output(
			'exec',
			'db',
			'sh',
			'-c',
			'echo host all all samenet scram-sha-256 >> /etc/postgresql/15/main/pg_hba.conf',
		);
		await sql("alter user postgres password 'secret'");
		await sql('select pg_reload_conf()');
		await sql('create table t (n int); insert into t select generate_series(1, 1000)');
		const asked = await client('psql', 'host=db user=postgres password=secret', '-Atc', 'select sum(n) from t');
		expect([asked.stderr, asked.stdout.trim()]).toEqual(['', '500500']);
		// what PostgreSQL answers to a request for TLS
		const port = await portOf('db', 5432);
		expect(
			bash(`exec 3<>/dev/tcp/127.0.0.1/${port}; printf '\\0\\0\\0\\10\\4\\322\\26\\57' >&3; head -c1 <&3`),
		).toMatch(/^[SN]$/);

		expect(await output('stop', 'db')).toBe('db');
		expect(await output('inspect', '-f', '{{.State.ExitCode}}', 'db')).toBe('0');
		expect((await tsrun(['logs', 'db'])).stderr).toContain('database system is shut down');
		await output('start', 'db');
		await isReady();
		expect(await sql('select count(*) from t')).toBe('1000');

		await output('kill', 'db');
		await output('rm', 'db');
		await start();
		await isReady();
		expect(await sql('select count(*) from t')).toBe('1000');
		expect((await tsrun(['logs', 'db'])).stderr).toContain('automatic recovery in progress');
	});
});

describe('Redis', () => {
	it('comes back by its restart policy with what it was told', async () => {
		await output(
			...[
				'run',
				'-d',
				'--name',
				'cache',
				'--network',
				'app',
				'-p',
				'6379',
				'-v',
				'cache:/var/lib/redis',
				'-w',
				'/var/lib/redis',
			],
			...['--restart', 'always', '-u', 'redis', '--read-only', 'debian'],
			...'redis-server --bind 0.0.0.0 --protected-mode no --appendonly yes --appendfsync always'.split(' '),
		);
		await until('Redis answers', async () => (await client('redis-cli', '-h', 'cache', 'ping')).stdout === 'PONG\n');
		expect((await client('redis-cli', '-h', 'cache', 'set', 'word', 'kept')).stdout).toBe('OK\n');
		expect(
			bash(`exec 3<>/dev/tcp/127.0.0.1/${await portOf('cache', 6379)}; echo GET word >&3; head -n2 <&3 | tr -d '\\r'`),
		).toBe('$4\nkept\n');
		// not by a command of tsrun, which would be the end wished for
		process.kill(Number(await output('inspect', '-f', '{{.State.Pid}}', 'cache')), 'SIGKILL');
		await until(
			'Redis is there again',
			async () => (await output('inspect', '-f', '{{.RestartCount}}', 'cache')) === '1',
		);
		await until(
			'it has what it was told',
			async () => (await client('redis-cli', '-h', 'cache', 'get', 'word')).stdout === 'kept\n',
		);
	});
});

describe('nginx', () => {
	it('is asked through its port from the host and by name from another container, and logs both', async () => {
		const site = join(sandbox.dir, 'site');
		mkdirSync(site, { recursive: true });
		writeFileSync(join(site, 'index.html'), 'hello from nginx\n');
		writeFileSync(
			join(sandbox.dir, 'site.conf'),
			'server { listen 80; root /srv; access_log /dev/stdout; error_log /dev/stderr; }\n',
		);
		await output(
			...['run', '-d', '--name', 'web', '--network', 'app', '--network-alias', 'www', '-p', '8080:80'],
			...['-v', `${site}:/srv:ro`, '-v', `${sandbox.dir}/site.conf:/etc/nginx/sites-enabled/default:ro`],
			...['debian', 'nginx', '-g', 'daemon off;'],
		);
		const ask = (): string => onHost('curl', '-s', '--max-time', '5', 'http://127.0.0.1:8080/');
		await until('nginx answers', () => ask() !== '');
		expect(ask()).toBe('hello from nginx\n');
		for (const name of ['web', 'www']) {
			expect((await client('curl', '-s', '-A', `asked-${name}`, `http://${name}/`)).stdout).toBe('hello from nginx\n');
		}
		writeFileSync(join(site, 'index.html'), 'changed\n');
		expect(ask()).toBe('changed\n');
		const log = (await tsrun(['logs', 'web'])).stdout;
		expect(log).toMatch(/"GET \/ HTTP\/1.1" 200 17 "-" "curl/);
		expect(log).toMatch(/"asked-www"/);
		expect(await output('stop', 'web')).toBe('web');
		expect(await output('inspect', '-f', '{{.State.ExitCode}}', 'web')).toBe('0');
		expect(ask()).toBe('');
	});
});
