import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect } from 'vitest';
import type { LayerEntry } from '../../../rootfs-fixtures/oci-layout.mjs';
import type { StoreReport } from '../../../src/runtime/check/check-store.ts';
import { runTsrun, type Sandbox, TSRUN } from '../support/run-tsrun.ts';

/** The same numbers for the same seed. */
export function seededRandom(seed: number): (below: number) => number {
	let state = seed;
	return below => {
		state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
		return (state >>> 8) % below;
	};
}

/** A layer that takes some time to write. */
export function manyFiles(prefix: string, count: number): readonly LayerEntry[] {
	return Array.from({ length: count }, (_, index) => ({
		name: `${prefix}/d${index % 17}/f${index}`,
		data: Buffer.alloc(2000 + index, `${prefix}${index}`),
	}));
}

/** Runs tsrun and kills it after so many milliseconds, if it has not ended before. @returns whether it was killed */
export async function killedAfter(sandbox: Sandbox, words: readonly string[], delay: number): Promise<boolean> {
	const child = spawn(TSRUN, words, { stdio: 'ignore', env: { ...process.env, ...sandbox.env } });
	const ended = new Promise<boolean>(resolve => child.once('exit', (_, signal) => resolve(signal === 'SIGKILL')));
	await Promise.race([ended, setTimeout(delay)]);
	child.kill('SIGKILL');
	return ended;
}

export async function check(sandbox: Sandbox, ...words: readonly string[]): Promise<StoreReport> {
	const { stdout, stderr } = await runTsrun(sandbox, ['system', 'check', '--format', 'json', ...words], {
		timeoutMs: 60_000,
	});
	expect(stderr).toBe('');
	return JSON.parse(stdout) as StoreReport;
}

/** What is in the store when no image and no container is. */
export function contents(sandbox: Sandbox): readonly string[] {
	return ['images/blobs/sha256', 'layers', 'resolved', 'tmp', 'containers'].flatMap(directory =>
		readdirSync(join(sandbox.root, directory)).map(name => `${directory}/${name}`),
	);
}
