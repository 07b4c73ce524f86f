import { expect, it } from 'vitest';
import { openBox, until } from './support.ts';

const { tsrun, output, statusOf, shell: start } = openBox();
const statsOf = async (...words: readonly string[]): Promise<Record<string, string>[]> => {
	const text = await output('stats', '--no-stream', '--format', 'json', ...words);
	return text === '' ? [] : text.split('\n').map(line => JSON.parse(line));
};

it('tells what a busy container uses, and that its limits hold', async () => {
	const id = await start('busy', 'sleep 1000 & while :; do :; done', '--cpus', '0.5', '--memory', '64m');
	const [row, ...others] = await statsOf();
	expect(others).toEqual([]);
	expect(row).toMatchObject({ ID: id.slice(0, 12), Name: 'busy', PIDs: '2', OOMKills: '0', NetIO: '0B / 0B' });
	expect(row?.MemUsage).toMatch(/^[\d.]+[KM]iB \/ 64MiB$/);
	expect(Number.parseFloat(row?.CPUPerc ?? '')).toBeGreaterThan(20);
	expect(Number.parseFloat(row?.CPUPerc ?? '')).toBeLessThan(65);
	const [throttled = 0, periods = 0] = (row?.Throttled ?? '').split(' / ').map(Number);
	expect(throttled).toBeGreaterThan(0);
	expect(periods).toBeGreaterThanOrEqual(throttled);
});

it('says nothing of a network that is the host’s', async () => {
	await start('open', 'sleep 1000', '--network', 'host');
	expect(await statsOf('open')).toEqual([expect.objectContaining({ Name: 'open', NetIO: '-- / --', OOMKills: '0' })]);
});

it('shows what does not run only when it is asked for', async () => {
	await start('ended', 'true');
	await until('it has ended', async () => (await statusOf('ended'))?.status === 'exited');
	const unknown = { Name: 'ended', CPUPerc: '--', MemUsage: '-- / --', PIDs: '--', OOMKills: '--' };
	expect(await statsOf()).toEqual([]);
	expect(await statsOf('-a')).toEqual([expect.objectContaining(unknown)]);
	expect(await statsOf('ended')).toEqual([expect.objectContaining(unknown)]);
});

it('goes on until the containers that were named are removed', async () => {
	await start('short', 'sleep 1000');
	const stats = tsrun(['stats', '--format', '{{.Name}} {{.PIDs}}', 'short']);
	setTimeout(() => void tsrun(['rm', '-f', 'short']), 2500);
	const { exitCode, stdout } = await stats;
	expect(exitCode).toBe(0);
	expect(stdout).toMatch(/^(short 1\n)+(short --\n)?$/);
});

it.each([
	[['nobody'], 'no such container: nobody'],
	[['--format', '{{.Nothing}}'], 'there is no field .Nothing'],
])('refuses %j at once', async (words, message) => {
	const { exitCode, stdout, stderr } = await tsrun(['stats', ...words]);
	expect([exitCode, stdout, stderr]).toEqual([1, '', expect.stringContaining(message)]);
});
