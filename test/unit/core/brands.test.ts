import { describe, expect, it } from 'vitest';
import { parseContainerId, parseDigest, splitDigest } from '../../../src/core/brands.ts';

const HEX = '0123456789abcdef'.repeat(4);

describe('parseDigest', () => {
	it('takes the registered algorithms with digests of their length', () => {
		expect(parseDigest(`sha256:${HEX}`)).toBe(`sha256:${HEX}`);
		expect(parseDigest(`sha512:${HEX}${HEX}`)).toBe(`sha512:${HEX}${HEX}`);
	});

	it.each([
		['a path', 'sha256:../../etc/passwd'],
		['a path of the right length', `sha256:../${HEX.slice(3)}`],
		['upper case', `sha256:${HEX.toUpperCase()}`],
		['a digest too short', `sha256:${HEX.slice(1)}`],
		['a digest too long', `sha256:${HEX}0`],
		['the length of another algorithm', `sha512:${HEX}`],
		['an unknown algorithm', `md5:${HEX}`],
		['a name that every object has', `constructor:${HEX}`],
		['no algorithm', HEX],
		['nothing', ''],
		['a line more', `sha256:${HEX}\n`],
		['something before it', ` sha256:${HEX}`],
	])('refuses %s, since a digest becomes part of a path (CVE-2024-3727)', (_, text) => {
		expect(() => parseDigest(text)).toThrow(expect.objectContaining({ code: 'TSRUN_BAD_DIGEST' }));
	});

	it('shows only the beginning of a long one', () => {
		expect(() => parseDigest('x'.repeat(100_000))).toThrow(
			expect.objectContaining({ message: expect.stringMatching(/^.{1,300}$/) }),
		);
	});
});

describe('splitDigest', () => {
	it('gives back the parts', () => {
		expect(splitDigest(parseDigest(`sha256:${HEX}`))).toEqual({ algorithm: 'sha256', hex: HEX });
	});
});

describe('parseContainerId', () => {
	it.each([HEX, 'web', 'a', 'A_b-c.d+e', '-x', 'a..b', 'x'.repeat(250)])('takes %j', text => {
		expect(parseContainerId(text)).toBe(text);
	});

	it.each([
		...['', '.', '..', '.names', '.new-x', '/', 'a/b', '../a', `${HEX}\n`, 'a\0', 'a b', 'ü', '$(id)', 'x'.repeat(251)],
	])('refuses %j', text => {
		expect(() => parseContainerId(text)).toThrow(expect.objectContaining({ code: 'TSRUN_BAD_CONTAINER_ID' }));
	});
});
