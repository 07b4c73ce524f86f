import { expect, it } from 'vitest';
import { binarySizeText, sizeText } from '../../../../src/cli/format/size-text.ts';

it.each([
	[0, '0B', '0B'],
	[999, '999B', '999B'],
	[1024, '1.02kB', '1KiB'],
	[1_265_000, '1.26MB', '1.206MiB'],
	[64 * 2 ** 20, '67.1MB', '64MiB'],
	[2 ** 54, '18PB', '16PiB'],
	[2 ** 64, '18400PB', '16380PiB'],
])('writes %d bytes as %s and %s', (bytes, decimal, binary) => {
	expect([sizeText(bytes), binarySizeText(bytes)]).toEqual([decimal, binary]);
});
