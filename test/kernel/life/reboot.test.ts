import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { listContainers } from '../support/list-containers.ts';
import { openBox, until } from './support.ts';

// A network namespace is the host: the machine's own interfaces and tables are out of reach.
const NETNS = `tsrun-boot-${process.pid}`;
const HOST = ['nsenter', `--net=/run/netns/${NETNS}`, '--'];
beforeAll(() => execFileSync('ip', ['netns', 'add', NETNS]));
const { sandbox, tsrun, output, statusOf, shell } = openBox({ isAudited: false, wrapper: HOST });
afterAll(() => execFileSync('ip', ['netns', 'delete', NETNS]));

const onHost = (...words: readonly string[]): string =>
	spawnSync(HOST[0] ?? '', [...HOST.slice(1), ...words], { encoding: 'utf8' }).stdout;

/** Every supervisor ends at once, and the state is lost; bridges are those of a machine that has just started. */
function reboot(): void {
	for (const entry of readdirSync(sandbox.state).filter(name => /^[0-9a-f]{64}$/.test(name))) {
		const supervisor = readFileSync(join(sandbox.state, entry, 'progress')).readInt32LE(8);
		try {
			process.kill(supervisor, 'SIGKILL');
		} catch {
			// it has ended
		}
	}
	rmSync(sandbox.state, { recursive: true });
	onHost('ip', 'link', 'delete', 'tsrun0');
}

it('after a reboot ps tells the truth, and containers come back as their restart policies say', async () => {
	const policies = {
		never: 'no',
		always: 'always',
		wanted: 'unless-stopped',
		ended: 'unless-stopped',
		asked: 'always',
	};
	for (const [name, restart] of Object.entries(policies)) {
		await shell(name, 'echo run; sleep 1000', '--restart', restart, '--network', 'bridge');
	}
	await output('stop', '-t', '0', 'ended', 'asked');
	reboot();
	const names = await listContainers(sandbox, { wrapper: HOST });
	expect(names.map(({ name }) => name).sort()).toEqual([...Object.keys(policies)].sort());
	expect(names.map(({ status }) => status)).toEqual(Array(5).fill('exited'));
	expect((await tsrun(['run', '--rm', '--name', 'never', 'box', 'sh', '-c', 'true'])).stderr).toContain(
		'the container name "never" is already in use',
	);
	expect((await output('start', '--all')).split('\n').sort()).toEqual(['always', 'asked', 'wanted']);
	for (const name of ['always', 'asked', 'wanted']) expect(await statusOf(name)).toMatchObject({ status: 'running' });
	for (const name of ['never', 'ended']) expect(await statusOf(name)).toMatchObject({ status: 'exited' });
	await until('it has written again', async () => (await output('logs', 'always')) === 'run\nrun');
	await output('rm', 'never', 'ended');
	expect(await output('run', '--rm', '--name', 'never', 'box', 'sh', '-c', 'echo new')).toBe('new');
	expect(await output('start', '--all')).toBe('');
});

it('ports are free, and its address is the container’s again', async () => {
	const inside = (script: string) => output('exec', 'web', 'sh', '-c', script);
	const id = await shell('web', 'sleep 1000', '-p', '8090:80');
	const address = /inet (10\.[\d.]+)/.exec(await inside('ip -4 addr show eth0'))?.[1];
	reboot();
	await shell('other', 'sleep 1000', '-p', '8090:80');
	expect((await tsrun(['start', id.slice(0, 12)])).stderr).toContain(
		'8090/tcp of 0.0.0.0 is in use by container other',
	);
	await output('rm', '-f', 'other');
	expect(await output('start', 'web')).toBe('web');
	expect(await inside('ip -4 addr show eth0')).toContain(`inet ${address}/`);
	expect(await output('port', 'web')).toBe('80/tcp -> 0.0.0.0:8090');
	await output('rm', '-f', 'web');
	expect(onHost('nft', 'list', 'tables')).toBe('');
});

it('stop --all, as when the machine goes down, leaves unless-stopped as it was', async () => {
	await shell('one', 'sleep 1000', '--restart', 'unless-stopped');
	await shell('two', 'sleep 1000');
	expect((await output('stop', '-t', '0', '--all')).split('\n').sort()).toEqual(['one', 'two']);
	expect(await output('start', '--all')).toBe('one');
	expect((await tsrun(['stop', '--all', 'one'])).stderr).toContain('stop: --all is given with a container');
	expect((await tsrun(['start'])).stderr).toContain("start: missing required argument 'container'");
});
