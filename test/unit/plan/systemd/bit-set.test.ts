import { describe, expect, it } from 'vitest';
import { bitSet } from '../../../../src/plan/systemd/bit-set.ts';

describe('bitSet', () => {
	it.each([
		['0', [1]],
		['0-3', [0x0f]],
		['4-7', [0xf0]],
		['1,3,5,7', [0xaa]],
		['0-7,16', [0xff, 0, 1]],
		[' 8 , 1 ,', [2, 1]],
	])('sets the bits of %j', (list, bytes) => {
		expect([...(bitSet(list) ?? [])]).toEqual(bytes);
	});

	it.each(['', ',', 'a', '3-1', '-1', '0-2147483647', '99999', '1;2'])('is none of %j', list => {
		expect(bitSet(list)).toBeUndefined();
	});
});
