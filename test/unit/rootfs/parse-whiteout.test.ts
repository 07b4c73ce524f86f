import { expect, it } from 'vitest';
import { parseWhiteout } from '../../../src/rootfs/parse-whiteout.ts';

it.each([
	['file', undefined],
	['.whatever', undefined],
	['.wh', undefined],
	['.wh.file', { kind: 'remove', name: 'file' }],
	['.wh..hidden', { kind: 'remove', name: '.hidden' }],
	['.wh....', { kind: 'remove', name: '...' }],
	['.wh..wh..opq', { kind: 'opaque' }],
	['.wh..wh.plnk', { kind: 'ignore' }],
	['.wh..wh.x', { kind: 'ignore' }],
	['.wh..wh.', { kind: 'ignore' }],
])('%s is %j', (name, expected) => {
	expect(parseWhiteout(name)).toEqual(expected);
});

it.each(['.wh.', '.wh..', '.wh...'])('%s would remove a directory from inside and is refused', name => {
	expect(() => parseWhiteout(name)).toThrow(expect.objectContaining({ code: 'TSRUN_BAD_LAYER' }));
});
