import { describe, expect, it } from 'vitest';
import { isBundleCreate } from '../../../../src/cli/oci/is-bundle-create.ts';

const meant = (words: string, isInBundle = false): boolean => isBundleCreate(words.split(' '), () => isInBundle);

describe('isBundleCreate', () => {
	it.each([
		'--bundle dir id',
		'-b dir id',
		'-bdir id',
		'--bundle=dir id',
		'--pid-file f --bundle dir id',
		'--console-socket s id',
		'--pid-file=f id',
		'--no-pivot -b dir id',
	])('is a bundle: %s', words => expect(meant(words)).toBe(true));

	it.each(['image', 'image sh -c -b', '--name x image', '-it image', '-- image'])('is an image: %s', words =>
		expect(meant(words)).toBe(false),
	);

	it('takes a single word for an id only in a bundle', () => {
		expect([meant('word', true), meant('word', false)]).toEqual([true, false]);
		expect([meant('image sh', true), meant('--name x image', true), meant('-it', true)]).toEqual([false, false, false]);
	});
});
