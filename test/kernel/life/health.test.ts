import { spawnSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { witnessImage } from '../support/witness-image.ts';
import { openBox, until } from './support.ts';

const { sandbox, tsrun, output, shell } = openBox({ isAudited: false });
const status = (name: string) => output('ps', '-a', '--filter', `name=${name}`, '--format', '{{.Status}}');
const healthOf = async (name: string) =>
	JSON.parse(await output('inspect', '--format', '{{json .State.Health}}', name));
/** Results of the newest run, and when that began. */
async function stateOfNow(name: string): Promise<{ Log: readonly { Start: string }[]; started: string }> {
	const [log = '', started = ''] = (
		await output('inspect', '--format', '{{json .State.Health.Log}}\t{{.State.StartedAt}}', name)
	).split('\t');
	return { Log: JSON.parse(log), started };
}
const becomes = (name: string, word: string) =>
	until(`${name} is ${word}`, async () => (await healthOf(name)).Status === word);
const QUICK = ['--health-interval', '200ms', '--health-retries', '2'];
const IS_OK = 'echo asked; echo why >&2; test -e /ok';

describe('a health check', () => {
	it('tells by the command whether the container is well', async () => {
		await shell('c0', 'sleep 1000', '--health-cmd', IS_OK, '--health-interval', '1h');
		expect(await status('c0')).toMatch(/^Up .* \(health: starting\)$/);
		await shell('c1', 'sleep 1000', '--health-cmd', IS_OK, ...QUICK);
		await becomes('c1', 'unhealthy');
		expect(await status('c1')).toMatch(/^Up .* \(unhealthy\)$/);
		expect((await healthOf('c1')).Log[0]).toMatchObject({ ExitCode: 1, Output: 'asked\nwhy\n' });
		await output('exec', 'c1', 'sh', '-c', ': > /ok');
		await becomes('c1', 'healthy');
		expect(await status('c1')).toMatch(/^Up .* \(healthy\)$/);
		expect(await output('ps', '--filter', 'health=healthy', '--format', '{{.Names}}')).toBe('c1');
		expect(await output('ps', '-q', '--filter', 'health=unhealthy')).toBe('');
		expect((await tsrun(['ps', '--filter', 'health=ill'])).stderr).toContain('is no health');
		expect(await output('logs', 'c1')).toBe('');

		await output('restart', '-t', '0', 'c1');
		const { Log, started } = await stateOfNow('c1');
		expect(Log.filter(({ Start }) => Start < started)).toEqual([]);
		await becomes('c1', 'healthy');
	});

	it('runs in the container: its namespaces, its root, its user, its cgroup, with no descriptor of the host', async () => {
		const look =
			'for n in mnt pid; do readlink /proc/self/ns/$n; done; id -u; cat /proc/self/cgroup; ls /proc/self/fd > /fds';
		await shell('c1', 'sleep 1000', '-u', '1000', '--health-cmd', look, ...QUICK, '--tmpfs', '/run');
		await until('it was asked', async () => (await healthOf('c1')).Log.length > 0);
		const { pid } = JSON.parse(await output('inspect', '--format', '{"pid":{{.State.Pid}}}', 'c1'));
		const lines: readonly string[] = (await healthOf('c1')).Log[0].Output.split('\n');
		expect(lines.slice(0, 3)).toEqual([
			readlinkSync(`/proc/${pid}/ns/mnt`),
			readlinkSync(`/proc/${pid}/ns/pid`),
			'1000',
		]);
		expect(lines.slice(3).some(line => line.endsWith(':/'))).toBe(true);
		await output('rm', '-f', 'c1');

		await shell('c2', 'sleep 1000', '--health-cmd', 'ls /proc/self/fd', ...QUICK);
		await until('it was asked', async () => (await healthOf('c2')).Log.length > 0);
		expect((await healthOf('c2')).Log[0].Output.trim().split(/\s+/)).toEqual(['0', '1', '2', '3']); // 3 is what ls reads
	});

	it('kills what lasts too long, and names what is not there', async () => {
		await shell('c1', 'sleep 1000', '--health-cmd', 'sleep 777', ...QUICK, '--health-timeout', '300ms');
		await becomes('c1', 'unhealthy');
		expect((await healthOf('c1')).Log[0]).toMatchObject({
			ExitCode: -1,
			Output: 'Health check exceeded timeout (0.3s)',
		});
		await until(
			'one is left at most',
			async () => (await output('top', 'c1', '-o', 'pid,args')).split('777').length <= 2,
		);
		await shell('c2', 'rm /bin/sh; exec sleep 1000', '--health-cmd', 'true', ...QUICK);
		await becomes('c2', 'unhealthy');
		expect((await healthOf('c2')).Log[0].ExitCode).toBe(127);
	});

	it('kills what lasts too long also where it has become another user', async () => {
		const check = `busybox su -s /bin/sh guest -c 'sleep 4242'`;
		await shell('c1', 'sleep 1000', '--health-cmd', check, ...QUICK, '--health-timeout', '300ms');
		await until('it was asked often', async () => (await healthOf('c1')).Log.length >= 5);
		expect((await output('top', 'c1', '-o', 'pid,args')).split('sleep 4242').length).toBeLessThanOrEqual(4);
		await output('pause', 'c1');
		await output('unpause', 'c1');
		expect(await healthOf('c1')).toMatchObject({ Status: 'unhealthy' });
	});

	it('asks nothing while the container is paused, and goes on afterwards', async () => {
		await shell('c1', 'sleep 1000', '--health-cmd', 'true', ...QUICK);
		await becomes('c1', 'healthy');
		await output('pause', 'c1');
		await sleep(300);
		const before = (await healthOf('c1')).Log.at(-1);
		await sleep(1000);
		expect((await healthOf('c1')).Log.at(-1)).toEqual(before);
		expect(await status('c1')).toMatch(/\(Paused\)$/);
		await output('unpause', 'c1');
		await until('it is asked again', async () => (await healthOf('c1')).Log.at(-1).Start !== before.Start);
		expect((await healthOf('c1')).Status).toBe('healthy');
	});

	it('costs the supervisor no memory that grows, and leaves no process', async () => {
		await shell('c1', 'sleep 1000', '--health-cmd', 'yes | head -c 200000', '--health-interval', '20ms');
		const supervisor = await supervisorOf('c1');
		await sleep(500);
		const before = residentOf(supervisor);
		await sleep(3000);
		expect(residentOf(supervisor) - before).toBeLessThan(32);
		expect(residentOf(supervisor)).toBeLessThan(1024);
		expect((await healthOf('c1')).Status).toBe('healthy');
		expect((await output('top', 'c1', '-o', 'stat,pid')).split('\n').filter(line => line.startsWith('Z'))).toEqual([]);
		await output('kill', 'c1');
	});

	it('ends with a supervisor that is killed', async () => {
		await shell('c1', 'sleep 1000', '--health-cmd', 'sleep 78787', ...QUICK);
		const isAsked = () => spawnSync('pgrep', ['-f', 'sleep 78787']).status === 0;
		await until('it is asked', isAsked);
		process.kill(await supervisorOf('c1'), 'SIGKILL');
		await until('nothing is left of it', () => !isAsked());
		expect(await status('c1')).toMatch(/^Exited/);
	});

	it('comes with the image, unless --no-healthcheck', async () => {
		const Healthcheck = { Test: ['CMD', '/bin/busybox', 'true'], Interval: 200_000_000 };
		const config = { Entrypoint: [], Healthcheck };
		const image = await witnessImage(`${sandbox.dir}/checked`, { busybox: true, config });
		await output('run', '-d', '--name', 'c1', image, 'sh', '-c', 'sleep 1000');
		await becomes('c1', 'healthy');
		expect(JSON.parse(await output('inspect', '--format', '{{json .Config.Healthcheck}}', 'c1'))).toEqual({
			Test: Healthcheck.Test,
			Interval: 200_000_000,
			Timeout: 30_000_000_000,
			StartPeriod: 0,
			Retries: 3,
		});
		await output('run', '-d', '--name', 'c2', '--no-healthcheck', image, 'sh', '-c', 'sleep 1000');
		expect(await healthOf('c2')).toBeNull();
		expect(await status('c2')).not.toContain('health');
	});
});

async function supervisorOf(name: string): Promise<number> {
	const pid = Number(await output('inspect', '--format', '{{.State.Pid}}', name));
	return Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

/** kB. */
const residentOf = (pid: number): number =>
	Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
