import { expect, it } from 'vitest';
import { parseContainerName } from '../../../src/spec/parse-container-name.ts';
import { expectBadFlag } from './expect-bad-flag.ts';

it.each(['web-1', 'a_b.c', '00'])('takes %s', text => {
	expect(parseContainerName(text)).toBe(text);
});

it.each(['', 'a', '.a', '-ab', '_ab', 'a b', '../a', 'a/b', 'a\0', 'a\n', 'x'.repeat(129)])('refuses %j', text => {
	expectBadFlag(() => parseContainerName(text), '--name', text);
});
