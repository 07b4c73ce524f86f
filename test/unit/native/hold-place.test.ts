import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { holdPlace } from '../../../src/native/hold-place.ts';
import { waitPid } from '../../../src/native/wait-pid.ts';

const status = (pid: number): string => readFileSync(`/proc/${pid}/status`, 'utf8');

async function settled(pid: number): Promise<void> {
	while (!/^Name:\ttsrun-place$/m.test(status(pid)) || readdirSync(`/proc/${pid}/fd`).length > 0)
		await new Promise(resolve => setTimeout(resolve, 5));
}

describe('holdPlace', () => {
	it('is a process without descriptors that ends at once by SIGKILL alone', async () => {
		const pid = holdPlace();
		await settled(pid);
		for (const signal of ['SIGINT', 'SIGHUP', 'SIGTERM'] as const) process.kill(pid, signal);
		// SIGTERM lets it go on to its last sleep
		while (/^State:\tR/m.test(status(pid))) await new Promise(resolve => setTimeout(resolve, 5));
		expect(status(pid)).toMatch(/^State:\tS/m);
		process.kill(pid, 'SIGKILL');
		expect(waitPid(pid)).toEqual({ exitCode: null, signal: 'SIGKILL' });
	});

	it('leaves this process its signals', () => {
		const pid = holdPlace();
		process.kill(pid, 'SIGKILL');
		waitPid(pid);
		expect(status(process.pid)).toMatch(/^SigBlk:\t0{16}$/m);
		expect(execFileSync('true')).toHaveLength(0);
	});

	it('stays a moment when its maker has ended, and no longer', () => {
		const pid = holdPlace();
		const start = Date.now();
		process.kill(pid, 'SIGTERM');
		waitPid(pid);
		expect(Date.now() - start).toBeGreaterThan(900);
	});
});
