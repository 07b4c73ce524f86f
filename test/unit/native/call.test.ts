import { describe, expect, it } from 'vitest';
import { call } from '../../../src/native/call.ts';

const ENOENT = 2;
const E2BIG = 7;

describe('call', () => {
	it('fills the bytes that it is given, of any kind of array', () => {
		const bytes = new Uint8Array(64);
		expect(call('readlinkat', -1, '/proc/self/exe', bytes, bytes.length)).toBeGreaterThan(0);
		expect(Buffer.from(bytes).toString()).toMatch(/^\//);
		const view = new DataView(bytes.buffer, 32, 8);
		expect(call('readlinkat', -1, '/proc/self/exe', view, view.byteLength)).toBe(8);
		expect(bytes.subarray(32, 40)).toEqual(bytes.subarray(0, 8));
	});

	it('gives an array as words, with a zero after the last one', () => {
		const none = ['/no/such/program', undefined, -1] as const;
		expect(call('execve', '/no/such/program', none.slice(0, 1), [])).toBe(-ENOENT);
		expect(call('openat2', -1, '/no/such/file', [0, 0, 0], 24)).toBe(-ENOENT);
		expect(call('openat2', -1, '/no/such/file', [0, 0, 0, 1], 32)).toBe(-E2BIG);
		expect(call('openat2', -1, '/no/such/file', [0, 0, 0, 0], 32)).toBe(-ENOENT);
	});

	it('takes numbers of 53 bits with their sign', () => {
		const times = [-1, 999_999_999, 2 ** 53, 0];
		expect(call('utimensat', -1, '/no/such/file', times, 0)).toBe(-ENOENT);
		expect(call('openat2', -1, '/', [2 ** 52, 0, 0], 24)).toBe(-22);
	});

	it('refuses what is no word, and says which', () => {
		const refused = () => call('mkdirat', -1, ['a', [Number.NaN]], 0);
		expect(refused).toThrow(
			new TypeError(
				"mkdirat: argument 2 must be an integer, text without NUL, bytes or an array of these, got [ 'a', [Array] ]",
			),
		);
	});
});
