import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { emptyProgress, PROGRESS_SIZE, TIMING_SIZE } from '../../../src/native/progress.ts';
import { decideStep, heldStep } from '../../../src/native/step-gate.ts';

const COUNTS = [2, 3, 1];
const BEGUN_OFFSET = 16;
const ENDED = 8;
let folder = '';
let fd = -1;

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'tsrun-gate-'));
	fd = openSync(join(folder, 'progress'), 'w+');
	writeSync(fd, emptyProgress(0, 6, 77));
});
afterEach(() => {
	closeSync(fd);
	rmSync(folder, { recursive: true });
});

const held = (): number | undefined => heldStep(readFileSync(join(folder, 'progress')), COUNTS);

function begin(list: number, count: number): void {
	const bytes = Buffer.alloc(4);
	bytes.writeUInt32LE(count);
	writeSync(fd, bytes, 0, 4, BEGUN_OFFSET + 4 * list);
}

function carryOut(number: number): void {
	const bytes = Buffer.alloc(16);
	bytes.writeBigUInt64LE(5n);
	bytes.writeBigUInt64LE(6n, ENDED);
	writeSync(fd, bytes, 0, 16, PROGRESS_SIZE + number * TIMING_SIZE);
}

describe('heldStep', () => {
	it('is nothing before the machine has begun', () => {
		expect(held()).toBeUndefined();
	});

	it('is the newest step of the process that has not done it', () => {
		begin(0, 1);
		expect(held()).toBe(0);
		carryOut(0);
		expect(held()).toBeUndefined();
		begin(0, 2);
		expect(held()).toBe(1);
		// the supervisor is in its turn
		decideStep(fd, 1, 'go');
		begin(1, 2);
		expect(held()).toBe(3);
	});

	it.each(['go', 'skip', 'quit'] as const)('is none that was told to %s', verdict => {
		begin(2, 1);
		expect(held()).toBe(5);
		decideStep(fd, 5, verdict);
		expect(held()).toBeUndefined();
		decideStep(fd, 5, 'hold');
		expect(held()).toBe(5);
	});
});
