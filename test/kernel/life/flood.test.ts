import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { TSRUN } from '../support/run-tsrun.ts';
import { openBox } from './support.ts';

const { sandbox, output, statusOf, shell } = openBox();
const SECONDS = 10;
const SAMPLE_MS = 250;

const rssKb = (pid: number | undefined): number =>
	Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]);
const parentOf = (pid: number | undefined): number =>
	Number(/^PPid:\t(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]);

/** A command of tsrun that nobody reads as fast as it writes, and how much has been read of it. */
function readSlowly(...words: readonly string[]): { readonly child: ChildProcess; readonly bytes: () => number } {
	const child = spawn(TSRUN, words, {
		stdio: ['ignore', 'pipe', 'inherit'],
		env: { ...process.env, ...sandbox.env },
		detached: true,
	});
	let bytes = 0;
	child.stdout.on('data', (part: Buffer) => {
		bytes += part.length;
		child.stdout.pause();
		setTimeout(() => child.stdout.resume(), 5);
	});
	return { child, bytes: () => bytes };
}

it(`yes for ${SECONDS} seconds, in the container and through exec, keeps the memory of all that carries it flat`, async () => {
	await shell('c1', 'busybox yes', '--log-opt', 'max-size=2m', '--log-opt', 'max-file=2');
	const supervisor = parentOf((await statusOf('c1'))?.pid);
	const readers = {
		exec: readSlowly('exec', 'c1', 'busybox', 'yes'),
		logs: readSlowly('logs', '-f', '--tail', '1', 'c1'),
	};
	const samples = { supervisor: [] as number[], exec: [] as number[], logs: [] as number[] };
	try {
		for (let passed = 0; passed < SECONDS * 1000; passed += SAMPLE_MS) {
			await sleep(SAMPLE_MS);
			samples.supervisor.push(rssKb(supervisor));
			samples.exec.push(rssKb(readers.exec.child.pid));
			samples.logs.push(rssKb(readers.logs.child.pid));
		}
	} finally {
		for (const { child } of Object.values(readers)) {
			child.stdout?.removeAllListeners('data').destroy();
			child.kill('SIGKILL');
		}
	}
	const growth = (values: readonly number[]): number => {
		const half = values.length / 2;
		return Math.max(...values.slice(half)) - Math.max(...values.slice(0, half));
	};
	expect(readers.exec.bytes()).toBeGreaterThan(1 << 20);
	expect(readers.logs.bytes()).toBeGreaterThan(1 << 20);
	expect(Math.max(...samples.supervisor)).toBeLessThan(1024);
	expect(growth(samples.exec)).toBeLessThan(256);
	// a JavaScript engine, which collects its garbage when it likes
	expect(Math.max(...samples.logs)).toBeLessThan(200 * 1024);
	expect(growth(samples.logs)).toBeLessThan(64 * 1024);
	expect(await output('rm', '-f', 'c1')).toBe('c1');
});
