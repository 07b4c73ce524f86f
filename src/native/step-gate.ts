import { writeSync } from 'node:fs';
import { PROGRESS_SIZE, TIMING_SIZE } from './progress.ts';

/**
 * Where the machine asks before each step (struct timing, `verdict`): `go` on, `skip` it as if it had been done, or `quit`, which
 * fails the step with ECANCELED. It waits while it is told to `hold`, which is what a new file says of every step.
 */
export type Verdict = 'hold' | 'go' | 'skip' | 'quit';

const WORDS: Readonly<Record<Verdict, bigint>> = { hold: 0n, go: 1n, skip: 2n, quit: 3n };
const VERDICT_OFFSET = 24;
const BEGUN_OFFSET = 16;

/** @param number of the step in the plan, counted through its lists */
export function decideStep(progressFd: number, number: number, verdict: Verdict): void {
	const bytes = Buffer.alloc(8);
	bytes.writeBigUInt64LE(WORDS[verdict]);
	writeSync(progressFd, bytes, 0, bytes.length, PROGRESS_SIZE + number * TIMING_SIZE + VERDICT_OFFSET);
}

/**
 * The step that the machine waits at, by its number in the plan; undefined where it is at work.
 * @param counts how many steps each list has
 */
export function heldStep(bytes: Uint8Array, counts: readonly number[]): number | undefined {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	let base = 0;
	for (const [list, count] of counts.entries()) {
		const begun = view.getUint32(BEGUN_OFFSET + 4 * list, true);
		const timing = PROGRESS_SIZE + (base + begun - 1) * TIMING_SIZE;
		const isHeld =
			begun > 0 && [timing, timing + VERDICT_OFFSET].every(offset => view.getBigUint64(offset, true) === 0n);
		if (isHeld) return base + begun - 1;
		base += count;
	}
	return undefined;
}
