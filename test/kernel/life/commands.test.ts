import { describe, expect, it } from 'vitest';
import { openBox, until } from './support.ts';

const { tsrun, output, statusOf, shell } = openBox({ isAudited: false });
const TRAPS = 'trap "echo asked; exit 7" TERM HUP; echo ready; while :; do sleep 0.05; done';
const ready = (name: string) => until(`${name} is ready`, async () => (await output('logs', name)).includes('ready'));

describe('kill', () => {
	it('ends several at once by SIGKILL, for good', async () => {
		for (const name of ['c1', 'c2']) await shell(name, TRAPS, '--restart', 'always');
		const { exitCode, stdout, stderr } = await tsrun(['kill', 'c1', 'nobody', 'c2']);
		expect([exitCode, stdout]).toEqual([1, 'c1\nc2\n']);
		expect(stderr).toContain('"nobody"');
		for (const name of ['c1', 'c2']) expect(await statusOf(name)).toMatchObject({ status: 'exited', exitCode: 137 });
		expect((await tsrun(['kill', 'c1'])).stderr).toContain('container c1 is not running');
	});

	it.each([
		['--signal', ['-s', 'HUP', 'c1']],
		['runc’s second word', ['c1', 'TERM']],
	])('sends the signal of %s', async (_, words) => {
		await shell('c1', TRAPS);
		await ready('c1');
		expect(await output('kill', ...words)).toBe('c1');
		expect(await output('wait', 'c1')).toBe('7');
		expect(await output('logs', 'c1')).toBe('ready\nasked');
	});

	it('names a signal that there is not', async () => {
		await shell('c1', 'sleep 100');
		const { exitCode, stderr } = await tsrun(['kill', '-s', 'NONE', 'c1']);
		expect([exitCode, stderr]).toEqual([1, expect.stringContaining('unknown signal "NONE"')]);
	});
});

it('pause and unpause take several', async () => {
	for (const name of ['c1', 'c2']) await shell(name, 'sleep 100');
	expect(await output('pause', 'c1', 'c2')).toBe('c1\nc2');
	expect(await output('unpause', 'c1', 'c2')).toBe('c1\nc2');
	expect((await tsrun(['unpause', 'c1'])).stderr).toContain('container not paused');
});

it('top shows the processes of a container that runs', async () => {
	await shell('c1', 'sleep 1234');
	const [head, ...lines] = (await output('top', 'c1', '-o', 'pid,args')).split('\n');
	expect(head).toMatch(/PID COMMAND/);
	expect(lines).toEqual([expect.stringMatching(/^ *\d+ sleep 1234$/)]);
	expect(JSON.parse(await output('top', '--format', 'json', 'c1'))).toEqual([(await statusOf('c1'))?.pid]);
	await output('kill', 'c1');
	expect(await tsrun(['top', 'c1'])).toMatchObject({
		exitCode: 1,
		stderr: expect.stringContaining('container c1 is not running'),
	});
});

describe('rename', () => {
	it('gives a running container another name, which stays for the next run', async () => {
		await shell('c1', 'sleep 100');
		await shell('c2', 'sleep 100');
		expect(await output('rename', 'c1', 'other')).toBe('');
		expect(await statusOf('c1')).toBeUndefined();
		expect(await output('restart', '-t', '0', 'other')).toBe('other');
		expect(await statusOf('other')).toMatchObject({ status: 'running' });
		await shell('c1', 'sleep 100');
		const { exitCode, stderr } = await tsrun(['rename', 'other', 'c2']);
		expect([exitCode, stderr]).toEqual([1, expect.stringContaining('the container name "c2" is already in use')]);
		expect((await tsrun(['rename', 'other', 'a/b'])).stderr).toContain('the new name "a/b" is not a name');
		expect((await tsrun(['rename', 'other', 'other'])).stderr).toContain('has the name other already');
		expect(await statusOf('other')).toMatchObject({ status: 'running' });
	});
});
