import { describe, expect, it } from 'vitest';
import { turns } from '../../../src/core/turns.ts';

describe('turns', () => {
	it('runs so many at once, and begins them in their order', async () => {
		const takeTurn = turns(2);
		const begun: number[] = [];
		const ends: (() => void)[] = [];
		const all = [0, 1, 2, 3].map(number =>
			takeTurn(async () => {
				begun.push(number);
				await new Promise<void>(resolve => ends.push(resolve));
				return number;
			}),
		);
		await Promise.resolve();
		expect(begun).toEqual([0, 1]);
		ends[1]?.();
		await all[1];
		expect(begun).toEqual([0, 1, 2]);
		ends[0]?.();
		await all[0];
		ends[2]?.();
		ends[3]?.();
		expect(await Promise.all(all)).toEqual([0, 1, 2, 3]);
	});

	it('gives the turn on after a failure', async () => {
		const takeTurn = turns(1);
		const failing = takeTurn(() => Promise.reject(new Error('no')));
		const next = takeTurn(async () => 'next');
		await expect(failing).rejects.toThrow('no');
		expect(await next).toBe('next');
	});
});
