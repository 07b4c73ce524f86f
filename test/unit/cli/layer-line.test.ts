import { expect, it } from 'vitest';
import { layerLine } from '../../../src/cli/layer-line.ts';
import { parseDigest } from '../../../src/core/brands.ts';
import type { LayerProgress } from '../../../src/runtime/layer-progress.ts';

const digest = parseDigest(`sha256:0123456789ab${'0'.repeat(52)}`);
const line = (progress: Partial<LayerProgress>, columns = 100, seconds = 2): string =>
	layerLine({ digest, state: 'downloading', received: 0, size: 45e6, ...progress }, { columns, seconds });

it.each<[Partial<LayerProgress>, string]>([
	[{ state: 'waiting' }, '0123456789ab: Waiting'],
	[{ received: 0 }, '0123456789ab: Downloading [>                       ] 0B/45MB 0B/s'],
	[{ received: 22.5e6 }, '0123456789ab: Downloading [============>           ] 22.5MB/45MB 11.3MB/s'],
	[{ received: 45e6 }, '0123456789ab: Downloading [========================] 45MB/45MB 22.5MB/s'],
	[{ received: 0, size: 0 }, '0123456789ab: Downloading [========================] 0B/0B 0B/s'],
	[{ state: 'extracting', received: 45e6 }, '0123456789ab: Extracting'],
	[{ state: 'pushing', received: 45e6 }, '0123456789ab: Pushing [========================] 45MB/45MB 22.5MB/s'],
	[{ state: 'done' }, '0123456789ab: Pull complete'],
	[{ state: 'present' }, '0123456789ab: Already exists'],
])('%j', (progress, expected) => {
	expect(line(progress)).toBe(expected);
});

it('is never wider than the terminal', () => {
	expect(line({ received: 1e6 }, 30)).toHaveLength(30);
	expect(line({ state: 'waiting' }, 10)).toBe('0123456789');
});

it('tells no rate before there is one', () => {
	expect(line({ received: 1e6 }, 100, 0.1)).toMatch(/1MB\/45MB$/);
});
