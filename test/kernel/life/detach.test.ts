import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openBox, until } from './support.ts';

const { sandbox, tsrun, output, statusOf, shell } = openBox();
const supervisorOf = async (name: string): Promise<number> => {
	const { pid } = (await statusOf(name)) ?? {};
	return Number(/^PPid:\t(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]);
};

describe('run -d', () => {
	it('prints the id when the program runs, and leaves nobody but the supervisor', async () => {
		const id = await shell('c1', 'sleep 100');
		expect(id).toMatch(/^[0-9a-f]{64}$/);
		expect(await statusOf('c1')).toMatchObject({ id, status: 'running' });
		const supervisor = await supervisorOf('c1');
		const status = readFileSync(`/proc/${supervisor}/status`, 'latin1');
		expect(status).toMatch(/^Name:\ttsrun-init$/m);
		expect(Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1])).toBeLessThan(1024);
		// field 6 of proc(5): the session
		expect(readFileSync(`/proc/${supervisor}/stat`, 'latin1').split(') ')[1]?.split(' ')[3]).toBe(String(supervisor));
	});

	it('ends with the failure of a program that does not run, and keeps the container', async () => {
		const { exitCode, stdout, stderr } = await tsrun(['run', '-d', '--name', 'c1', 'box', 'nothing']);
		expect([exitCode, stdout]).toEqual([127, '']);
		expect(stderr).toContain('command "nothing" not found in the container');
		expect(await statusOf('c1')).toMatchObject({ status: 'exited', exitCode: 127 });
	});

	it('removes with --rm what has ended, and its log', async () => {
		await output('run', '-d', '--rm', '--name', 'c1', 'box', 'sh', '-c', 'true');
		await until('the container is gone', async () => (await statusOf('c1')) === undefined);
	});

	it('gives the container no input, and with -i one that does not end', async () => {
		await shell('c1', 'cat; echo end');
		expect(await output('wait', 'c1')).toBe('0');
		await shell('c2', 'cat; echo end', '-i');
		expect(await statusOf('c2')).toMatchObject({ status: 'running' });
		expect(await output('logs', 'c1')).toBe('end');
	});

	it('gives a terminal with -t', async () => {
		await shell('c1', 'test -t 0 && test -t 1 && echo terminal', '-t');
		expect(await output('wait', 'c1')).toBe('0');
		expect(await output('logs', 'c1')).toBe('terminal');
	});
});

describe('wait', () => {
	it('prints the exit codes in the order of the words', async () => {
		await shell('c1', 'sleep 0.2; exit 3');
		await shell('c2', 'exit 4');
		expect(await output('wait', 'c1', 'c2')).toBe('3\n4');
	});

	it('tells also that of a container with --rm', async () => {
		await shell('c1', 'sleep 5; exit 5', '--rm');
		expect(await output('wait', 'c1')).toBe('5');
	});

	it('says which container there is not', async () => {
		const { exitCode, stderr } = await tsrun(['wait', 'nobody']);
		expect([exitCode, stderr]).toEqual([1, expect.stringContaining('no such container: nobody')]);
	});
});

describe('stop', () => {
	const DECIDES = 'trap "echo asked; exit 7" TERM USR1; echo ready; while :; do sleep 0.05; done';
	const ready = (name: string) => until(`${name} is ready`, async () => (await output('logs', name)).includes('ready'));

	it.each([
		['SIGTERM', [], []],
		['the signal of --stop-signal', ['--stop-signal', 'USR1'], []],
		['the signal of --signal', [], ['--signal', 'USR1']],
	])('asks with %s', async (_, flags, words) => {
		await shell('c1', DECIDES, ...flags);
		await ready('c1');
		expect(await output('stop', ...words, 'c1')).toBe('c1');
		expect(await statusOf('c1')).toMatchObject({ status: 'exited', exitCode: 7 });
		expect(await output('logs', 'c1')).toBe('ready\nasked');
	});

	it('kills what does not end in time, all containers at once', async () => {
		const names = ['c1', 'c2', 'c3'];
		for (const name of names) await shell(name, 'trap "" TERM; echo ready; while :; do sleep 0.05; done');
		for (const name of names) await ready(name);
		expect(await output('stop', '--time', '1', ...names)).toBe('c1\nc2\nc3');
		for (const name of names) expect(await statusOf(name)).toMatchObject({ status: 'exited', exitCode: 137 });
	});

	it('ends a container that is paused', async () => {
		await shell('c1', DECIDES);
		await ready('c1');
		await output('pause', 'c1');
		expect(await output('stop', 'c1')).toBe('c1');
		expect(await statusOf('c1')).toMatchObject({ status: 'exited', exitCode: 7 });
	});

	it('does nothing to one that has ended, and goes on after one that there is not', async () => {
		await shell('c1', 'exit 3');
		await output('wait', 'c1');
		const { exitCode, stdout, stderr } = await tsrun(['stop', 'nobody', 'c1']);
		expect([exitCode, stdout]).toEqual([1, 'c1\n']);
		expect(stderr).toContain('no such container: nobody');
		expect(await statusOf('c1')).toMatchObject({ exitCode: 3 });
	});

	it.each([
		[['--signal', 'SIGNONE', 'c1'], '--signal "SIGNONE" is not a signal'],
		[['--time', 'soon', 'c1'], '--time "soon" is not a whole number'],
	])('refuses %j', async (words, message) => {
		const { exitCode, stderr } = await tsrun(['stop', ...words]);
		expect([exitCode, stderr]).toEqual([125, expect.stringContaining(message)]);
	});
});

describe('start and restart', () => {
	it('run a container that has ended once more, with what it wrote', async () => {
		await shell('c1', 'test -e /mark && echo again; touch /mark; exit 3');
		expect(await output('wait', 'c1')).toBe('3');
		expect(await output('start', 'c1')).toBe('c1');
		expect(await output('wait', 'c1')).toBe('3');
		expect(await output('logs', 'c1')).toBe('again');
	});

	it('run one that was in the foreground in the background', async () => {
		expect(await output('run', '--name', 'c1', 'box', 'sh', '-c', 'echo hello')).toBe('hello');
		await output('start', 'c1');
		await output('wait', 'c1');
		expect(await output('logs', 'c1')).toBe('hello');
	});

	it('give a running one another run, and keep its limits', async () => {
		await shell('c1', 'cat /proc/self/limits | grep open; sleep 100', '--ulimit', 'nofile=100');
		const { pid } = (await statusOf('c1')) ?? {};
		expect(await output('restart', '-t', '0', 'c1')).toBe('c1');
		const after = await statusOf('c1');
		expect(after).toMatchObject({ status: 'running' });
		expect(after?.pid).not.toBe(pid);
		await until('both runs have written', async () => (await output('logs', 'c1')).split('\n').length === 2);
		expect(await output('logs', 'c1')).toMatch(/^(Max open files +100 +100 .*\n?){2}$/);
	});

	it('leave one that runs as it is', async () => {
		await shell('c1', 'sleep 100');
		const { pid } = (await statusOf('c1')) ?? {};
		expect(await output('start', 'c1')).toBe('c1');
		expect((await statusOf('c1'))?.pid).toBe(pid);
	});

	it('join the namespaces of the other container as it is now', async () => {
		await shell('c1', 'sleep 100');
		await shell('c2', 'readlink /proc/self/ns/net', '--network', 'container:c1');
		await output('wait', 'c2');
		await output('restart', '-t', '0', 'c1');
		await output('start', 'c2');
		await output('wait', 'c2');
		const [, second] = (await output('logs', 'c2')).split('\n');
		expect(await output('exec', 'c1', 'sh', '-c', 'readlink /proc/self/ns/net')).toBe(second);
	});

	it('begin one run, however many ask', async () => {
		await shell('c1', 'echo run; sleep 100');
		await output('stop', '-t', '0', 'c1');
		const results = await Promise.all(Array.from({ length: 5 }, () => tsrun(['start', 'c1'])));
		expect(results.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 0, 0]);
		await until('it has written', async () => (await output('logs', 'c1')).split('\n').length >= 2);
		expect(await output('logs', 'c1')).toBe('run\nrun');
	});
});

describe('a restart policy', () => {
	it('on-failure:2 runs a program that fails twice more', async () => {
		await shell('c1', 'echo run; exit 5', '--restart', 'on-failure:2');
		await until('it has ended', async () => (await statusOf('c1'))?.status === 'exited');
		expect(await output('logs', 'c1')).toBe('run\nrun\nrun');
		expect(await statusOf('c1')).toMatchObject({ exitCode: 5 });
	});

	it('on-failure leaves one that does not fail', async () => {
		await shell('c1', 'echo run', '--restart', 'on-failure');
		await until('it has ended', async () => (await statusOf('c1'))?.status === 'exited');
		expect(await output('logs', 'c1')).toBe('run');
	});

	it.each(['always', 'unless-stopped'])('%s goes on until stop', async policy => {
		await shell('c1', 'echo run', '--restart', policy);
		await until('three runs', async () => (await output('logs', 'c1')).split('\n').length >= 3);
		expect(await output('stop', 'c1')).toBe('c1');
		expect(await statusOf('c1')).toMatchObject({ status: 'exited' });
		const log = await output('logs', 'c1');
		expect(await output('logs', 'c1')).toBe(log);
	});

	it('is removed by rm -f while it waits', async () => {
		await shell('c1', 'exit 1', '--restart', 'always');
		await until('it waits', async () => (await statusOf('c1'))?.status === 'restarting');
		await output('rm', '-f', 'c1');
		expect(await statusOf('c1')).toBeUndefined();
	});

	it('cannot go with --rm', async () => {
		const { exitCode, stderr } = await tsrun(['run', '-d', '--rm', '--restart', 'always', 'box', 'true']);
		expect([exitCode, stderr]).toEqual([125, expect.stringContaining('--restart "always" is given with --rm')]);
	});
});

it('a supervisor that is killed takes its container along, which can be started again', async () => {
	await shell('c1', 'echo run; sleep 100');
	await until('it runs', async () => (await output('logs', 'c1')) === 'run');
	const { pid } = (await statusOf('c1')) ?? {};
	process.kill(await supervisorOf('c1'), 'SIGKILL');
	await until('the next command tells so', async () => (await statusOf('c1'))?.status === 'exited');
	await until('its program has ended', () => !existsSync(`/proc/${pid}`));
	expect(await output('start', 'c1')).toBe('c1');
	await until('it runs again', async () => (await output('logs', 'c1')) === 'run\nrun');
});

/** All that there are on this machine: those of the tests. */
const [CAPABILITIES = ''] = /^CapEff:.*$/m.exec(readFileSync('/proc/self/status', 'latin1')) ?? [];

describe('exec in a container of tsrun run', () => {
	it.each<[readonly string[], readonly string[], number, string]>([
		[[], ['sh', '-c', 'echo out; exit 4'], 4, 'out\n'],
		[['-w', '/tmp', '-e', 'A=b'], ['sh', '-c', 'pwd; echo $A'], 0, '/tmp\nb\n'],
		[['-u', 'guest'], ['sh', '-c', 'id -u; echo $HOME'], 0, '1000\n/\n'],
		[['-u', '7:8'], ['sh', '-c', 'id -u; id -g'], 0, '7\n8\n'],
		[['--privileged'], ['sh', '-c', 'grep CapEff /proc/self/status'], 0, `${CAPABILITIES}\n`],
		[[], ['sh', '-c', 'cat | wc -c'], 0, '0\n'],
		[['-i'], ['sh', '-c', 'cat'], 0, 'input'],
		[[], ['sh', '-c', 'kill -9 $$'], 137, ''],
	])('%j %j', async (flags, words, exitCode, stdout) => {
		await shell('c1', 'sleep 100');
		const result = await tsrun(['exec', ...flags, 'c1', ...words], { input: 'input' });
		expect(result).toMatchObject({ exitCode, stdout, stderr: '' });
	});

	it('is in the container’s cgroup', async () => {
		await shell('c1', 'sleep 100', '--pids-limit', '20');
		const { stderr } = await tsrun(['exec', 'c1', 'sh', '-c', 'for i in $(seq 40); do sleep 5 & done; wait']);
		expect(stderr).toContain('fork');
	});

	it.each<[readonly string[], number, string]>([
		[['exec', 'c1', 'nothing'], 127, 'command "nothing" not found in the container'],
		[['exec', 'c1', '/etc/passwd'], 126, 'cannot run /etc/passwd: it has no x permission'],
		[['exec', '-u', 'nobody-there', 'c1', 'true'], 125, 'unable to find user "nobody-there"'],
		[['exec', 'c2', 'true'], 1, 'container c2 is not running'],
	])('%j fails with %i', async (words, exitCode, message) => {
		await shell('c1', 'sleep 100');
		await shell('c2', 'true');
		await output('wait', 'c2');
		expect(await tsrun(words)).toMatchObject({ exitCode, stderr: expect.stringContaining(message) });
	});
});

it('names the log in its directory, so that it goes with the container', async () => {
	const id = await shell('c1', 'echo x');
	await output('wait', 'c1');
	const log = readFileSync(join(sandbox.root, 'containers', id, 'container.log'), 'latin1');
	expect(log).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z stdout F x\n$/);
});
