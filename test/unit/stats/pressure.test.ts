import { expect, it } from 'vitest';
import { parsePressure } from '../../../src/stats/pressure.ts';

const NONE = { avg10: 0, avg60: 0, avg300: 0, total: 0n };

it('reads both lines', () => {
	const text =
		'some avg10=1.71 avg60=2.36 avg300=2.57 total=230548833\nfull avg10=1.00 avg60=1.01 avg300=0.00 total=157622356\n';
	expect(parsePressure(text)).toEqual({
		some: { avg10: 1.71, avg60: 2.36, avg300: 2.57, total: 230_548_833n },
		full: { avg10: 1, avg60: 1.01, avg300: 0, total: 157_622_356n },
	});
});

it('has zeros for the line that old kernels leave out, and nothing without a file', () => {
	expect(parsePressure('some avg10=0.00 avg60=0.00 avg300=0.00 total=7\n')).toEqual({
		some: { ...NONE, total: 7n },
		full: NONE,
	});
	expect(parsePressure(undefined)).toBeUndefined();
});
