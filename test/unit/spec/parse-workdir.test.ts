import { expect, it } from 'vitest';
import { parseWorkdir } from '../../../src/spec/parse-workdir.ts';
import { expectBadFlag } from './expect-bad-flag.ts';

it('cleans an absolute path', () => {
	expect(parseWorkdir('/a/../b/')).toBe('/b');
	expect(parseWorkdir('/')).toBe('/');
});

it.each(['', 'srv', './srv'])('refuses %j', text => {
	expectBadFlag(() => parseWorkdir(text), '--workdir', text);
});
