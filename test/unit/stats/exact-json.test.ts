import { expect, it } from 'vitest';
import { exactJson } from '../../../src/stats/exact-json.ts';

it('writes every digit, keeps the order, and leaves out what is undefined', () => {
	expect(exactJson({ b: 2n ** 64n - 1n, a: [1.5, 0n, null], c: undefined, 'd"': 'é\n', e: {} })).toBe(
		'{"b":18446744073709551615,"a":[1.5,0,null],"d\\"":"é\\n","e":{}}',
	);
});
