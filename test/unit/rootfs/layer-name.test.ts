import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { parseDigest } from '../../../src/core/brands.ts';
import { chainIds, chainLayerName, layerName } from '../../../src/rootfs/layer-name.ts';

const digest = (char: string) => parseDigest(`sha256:${char.repeat(64)}`);

it('the name of a layer is the beginning of its digest in base32', () => {
	expect(layerName(digest('0'))).toBe('a'.repeat(26));
	expect(layerName(digest('f'))).toBe('7'.repeat(26));
	const hello = parseDigest(`sha256:${createHash('sha256').update('hello').digest('hex')}`);
	// printf hello | sha256sum | xxd -r -p | base32 | tr A-Z a-z | cut -c 1-26
	expect(layerName(hello)).toBe('ftze3os7wcrq4jxihmvmlopcty');
	expect(layerName(hello)).toMatch(/^[a-z2-7]{26}$/);
});

it('the names of 120 layers fit into one page of mount options', () => {
	expect(120 * (layerName(digest('1')).length + 1)).toBeLessThan(4096 - 500);
});

it('chain ids are those of the image specification', () => {
	const [a, b, c] = [digest('a'), digest('b'), digest('c')];
	const hash = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`;
	expect(chainIds([a, b, c])).toEqual([a, hash(`${a} ${b}`), hash(`${hash(`${a} ${b}`)} ${c}`)]);
	expect(chainIds([])).toEqual([]);
});

it('a layer of a chain never has the name of a layer that stands alone', () => {
	expect(chainLayerName(digest('a'))).not.toBe(layerName(digest('a')));
});
