import { expect, it } from 'vitest';
import { bitMask } from '../../../src/plan/bit-mask.ts';

it.each<[string, readonly number[]]>([
	['', []],
	['0', [1, 0, 0, 0, 0, 0, 0, 0]],
	['0-3,7', [0x8f, 0, 0, 0, 0, 0, 0, 0]],
	['6-9', [0xc0, 0x03, 0, 0, 0, 0, 0, 0]],
	['63', [0, 0, 0, 0, 0, 0, 0, 0x80]],
	['64', [0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]],
	['1,1-2', [6, 0, 0, 0, 0, 0, 0, 0]],
])('has a bit for each number of %j', (list, bytes) => {
	expect([...bitMask(list)]).toEqual(bytes);
});

it('is as long as the largest number of a kernel asks for', () => {
	expect(bitMask('0-8191')).toEqual(new Uint8Array(1024).fill(0xff));
});
