import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { Progress } from '../../../src/native/progress.ts';
import { bundleStatus, isInitAlive, readProcessStat } from '../../../src/state/init-process.ts';

const NONE: Progress = { supervisor: 0, init: 0, begun: { setup: 0, init: 0, teardown: 0 } };

it('reads the start time past a program’s name with spaces and brackets', () => {
	const own = readProcessStat(process.pid);
	expect(own?.startTime).toBe(
		BigInt(
			readFileSync('/proc/self/stat', 'latin1')
				.replace(/^.*\) /, '')
				.split(' ')[19] ?? 0,
		),
	);
	expect(own?.state).toMatch(/^[RS]$/);
	expect(readProcessStat(2 ** 22 + 1)).toBeUndefined();
});

it('takes a later process of the same number for another one', () => {
	const startTime = readProcessStat(process.pid)?.startTime ?? 0n;
	expect(isInitAlive({ ...NONE, init: process.pid, initStart: startTime })).toBe(true);
	expect(isInitAlive({ ...NONE, init: process.pid, initStart: startTime - 1n })).toBe(false);
	expect(isInitAlive(NONE)).toBe(false);
});

it('takes a zombie for ended', async () => {
	// The shell is stopped before its child ends, so that it cannot reap it.
	const shell = spawn('sh', ['-c', 'cat <&0 & echo $!; kill -STOP $$'], { stdio: ['pipe', 'pipe', 'ignore'] });
	const waitFor = async (pid: number, state: string): Promise<void> => {
		const until = Date.now() + 5000;
		while (readProcessStat(pid)?.state !== state && Date.now() < until) await new Promise(done => setTimeout(done, 5));
	};
	try {
		const [line] = (await once(shell.stdout, 'data')) as [Buffer];
		const pid = Number(String(line).trim());
		await waitFor(shell.pid ?? 0, 'T');
		shell.stdin.end();
		await waitFor(pid, 'Z');
		const stat = readProcessStat(pid);
		expect(stat?.state).toBe('Z');
		expect(isInitAlive({ ...NONE, init: pid, initStart: stat?.startTime ?? 0n })).toBe(false);
	} finally {
		shell.kill('SIGKILL');
	}
});

it.each([
	[{}, true, true, 'creating'],
	[{}, false, true, 'stopped'],
	[{ created: 1n }, false, true, 'created'],
	[{ created: 1n }, true, true, 'created'],
	[{ created: 1n }, false, false, 'stopped'],
	[{ created: 1n, started: 2n }, false, true, 'running'],
	[{ started: 2n }, true, true, 'running'],
	[{ started: 2n }, false, false, 'stopped'],
] as const)('progress %o, creator at work %s, init alive %s: %s', (times, isSupervised, isAlive, status) => {
	expect(bundleStatus({ ...NONE, ...times }, isSupervised, isAlive)).toBe(status);
});
