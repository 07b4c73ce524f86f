import { describe, expect, it } from 'vitest';
import { checkSparseMap, readMapInData } from '../../../src/rootfs/sparse-map.ts';

describe('a map in the data of a sparse file', () => {
	it('is read when it is complete', () => {
		expect(readMapInData('2\n0\n512\n4096\n10\n'.padEnd(512, '\0'))).toEqual([0, 512, 4096, 10]);
		expect(readMapInData('0\n'.padEnd(512, '\0'))).toEqual([]);
	});

	it.each(['', '2', '2\n0\n512\n4096\n1', '2\n0\n'])('wants more after %j', text => {
		expect(readMapInData(text)).toBeUndefined();
	});

	it.each(['x\n', '-1\n', '1.5\n', '99999999\n', '9'.repeat(512)])('is refused: %j', text => {
		expect(() => readMapInData(text)).toThrow('malformed map');
	});
});

describe('the parts of a sparse file', () => {
	it.each([
		[{ realSize: 100, segments: [] }, 0],
		[{ realSize: 100, segments: [0, 10, 50, 10] }, 20],
		[{ realSize: 100, segments: [0, 0, 100, 0] }, 0],
	])('%j of %i bytes are right', (map, stored) => {
		expect(() => checkSparseMap(map, stored)).not.toThrow();
	});

	it.each([
		['overlap', { realSize: 100, segments: [0, 10, 5, 10] }, 20],
		['descend', { realSize: 100, segments: [50, 10, 0, 10] }, 20],
		['are longer than the file', { realSize: 10, segments: [0, 20] }, 20],
		['are more than the data', { realSize: 100, segments: [0, 20] }, 10],
		['are fewer than the data', { realSize: 100, segments: [0, 20] }, 30],
		['are not numbers', { realSize: 100, segments: [0, Number.NaN] }, 0],
		['are negative', { realSize: 100, segments: [-5, 5] }, 5],
		['have no length', { realSize: 100, segments: [0] }, 0],
		['are beyond 2^53', { realSize: 2 ** 60, segments: [] }, 0],
	])('that %s are refused', (_, map, stored) => {
		expect(() => checkSparseMap(map, stored)).toThrow(expect.objectContaining({ code: 'TSRUN_BAD_LAYER' }));
	});
});
