import { describe, expect, it } from 'vitest';
import { decodeProgress, decodeTimes, emptyProgress, PROGRESS_SIZE } from '../../../src/native/progress.ts';

/** The file as the machine would leave it: 32-bit words by their offset in native/plan.h, then 64-bit ones. */
function progress(words: Readonly<Record<number, number>>, times: Readonly<Record<number, bigint>> = {}): Uint8Array {
	const view = Buffer.from(emptyProgress());
	for (const [offset, value] of Object.entries(words)) view.writeInt32LE(value, Number(offset));
	for (const [offset, value] of Object.entries(times)) view.writeBigUInt64LE(value, Number(offset));
	return view;
}

describe('emptyProgress', () => {
	it('says that nothing has begun, failed or ended', () => {
		expect(emptyProgress()).toHaveLength(PROGRESS_SIZE);
		expect(decodeProgress(emptyProgress())).toEqual({
			supervisor: 0,
			init: 0,
			begun: { setup: 0, init: 0, teardown: 0 },
		});
	});

	it('begins with magic and version', () => {
		expect(Buffer.from(emptyProgress()).toString('latin1', 0, 8)).toBe('TSRS\x04\0\0\0');
	});
});

describe('decodeTimes', () => {
	it('reads what stands behind the progress, and knows what was not carried out', () => {
		const bytes = Buffer.from(emptyProgress(0, 3));
		expect(decodeTimes(bytes)).toEqual([undefined, undefined, undefined]);
		const [first, last] = [PROGRESS_SIZE, PROGRESS_SIZE + 64];
		bytes.writeBigUInt64LE(5n, first);
		for (const [index, value] of [7n, 8n, 17n].entries()) bytes.writeBigUInt64LE(value, last + 8 * index);
		expect(decodeTimes(bytes)).toEqual([{ began: 5n }, undefined, { began: 7n, ended: 8n, errno: 17 }]);
		expect(decodeProgress(bytes)).toEqual(decodeProgress(emptyProgress()));
	});

	it('finds none where none were asked for', () => {
		expect(decodeTimes(emptyProgress())).toEqual([]);
	});
});

describe('decodeProgress', () => {
	it('reads each field from its place', () => {
		const bytes = progress(
			{ 8: 100, 12: 101, 16: 5, 20: 60, 24: 7, 28: 1, 32: 59, 36: 13, 40: 137, 44: 9 },
			{ 48: 10n ** 18n, 56: 10n ** 18n + 1n, 64: 10n ** 18n + 2n },
		);
		expect(decodeProgress(bytes)).toEqual({
			supervisor: 100,
			init: 101,
			begun: { setup: 5, init: 60, teardown: 7 },
			failed: { list: 'init', step: 59, errno: 13 },
			exitCode: 137,
			exitSignal: 9,
			started: 10n ** 18n,
			finished: 10n ** 18n + 1n,
			tornDown: 10n ** 18n + 2n,
		});
	});

	it('reads what a hook said, up to the first NUL or the end', () => {
		const bytes = Buffer.from(progress({}, { 80: 256n }));
		bytes.write('no such file\n', 96);
		expect(decodeProgress(bytes)).toMatchObject({ hookStatus: 256, hookOutput: 'no such file\n' });
		bytes.fill('x', 96);
		expect(decodeProgress(bytes)?.hookOutput).toBe('x'.repeat(256));
	});

	it('tells exit code 0 from no exit', () => {
		expect(decodeProgress(progress({ 40: 0 }))?.exitCode).toBe(0);
		expect(decodeProgress(progress({ 40: -1 }))).not.toHaveProperty('exitCode');
	});

	it('tells a failed first step of setup from no failure', () => {
		expect(decodeProgress(progress({ 28: 0, 32: 0, 36: 2 }))?.failed).toEqual({ list: 'setup', step: 0, errno: 2 });
		expect(decodeProgress(progress({ 28: -1, 32: 4, 36: 2 }))).not.toHaveProperty('failed');
	});

	it('refuses a file that is not whole', () => {
		expect(decodeProgress(emptyProgress().subarray(1))).toBeUndefined();
		expect(decodeProgress(new Uint8Array(0))).toBeUndefined();
		expect(decodeProgress(new Uint8Array(PROGRESS_SIZE + 1))).toBeUndefined();
	});

	it('reads bytes that stand somewhere in a larger buffer', () => {
		const larger = new Uint8Array(PROGRESS_SIZE + 8);
		larger.set(progress({ 8: 42 }), 8);
		expect(decodeProgress(larger.subarray(8))?.supervisor).toBe(42);
	});
});
