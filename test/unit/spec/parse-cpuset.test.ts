import { expect, it } from 'vitest';
import { parseCpuset } from '../../../src/spec/parse-cpuset.ts';
import { expectBadFlag } from './expect-bad-flag.ts';

it('returns a good list as it is', () => {
	expect(parseCpuset('--cpuset-cpus', '0-1,3')).toBe('0-1,3');
});

it('names the flag and the value of a bad one', () => {
	expectBadFlag(() => parseCpuset('--cpuset-mems', '0-2147483647'), '--cpuset-mems', '0-2147483647');
});
