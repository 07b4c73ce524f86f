import { posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { join, normalPath } from '../../../src/core/paths.ts';

const PARTS = [
	'',
	'/',
	'.',
	'..',
	'a',
	'.a',
	'..b',
	'c.',
	'd..',
	'...',
	'a/',
	'/a',
	'./a',
	'a//b',
	'a/./b',
	'a/../b',
	'//',
];
const PAIRS = PARTS.flatMap(one => PARTS.map(other => [one, other] as const));

describe('paths', () => {
	it('joins as path.posix.join does', () => {
		for (const parts of [[], ...PARTS.map(part => [part]), ...PAIRS, ...PAIRS.map(pair => ['/x', ...pair, 'y'])])
			expect(join(...parts), JSON.stringify(parts)).toBe(posix.join(...parts));
	});

	it('normalises as path.posix.normalize does, without slashes at the end', () => {
		for (const [one, other] of PAIRS) {
			const path = one + other;
			expect(normalPath(path), path).toBe(posix.normalize(path).replace(/(?<=.)\/+$/, ''));
		}
	});
});
