import { expect, it } from 'vitest';
import { cpusetProblem } from '../../../src/spec/cpuset-problem.ts';

it.each(['0', '0-3', '0,2', '0-1,4-7,9', '8191'])('takes %s', list => {
	expect(cpusetProblem(list)).toBeUndefined();
});

it.each(['', ',', '0,', 'a', '1-', '-1', '0-3-5', '3-0', '0\n1', ' 0', '1e1', '8192'])(
	'sees what is wrong with %j',
	list => {
		expect(cpusetProblem(list)).toBeTypeOf('string');
	},
);

it('sees a huge range and a huge list without expanding them (CVE-2018-20699)', () => {
	expect(cpusetProblem('0-2147483647')).toContain('2147483647');
	expect(cpusetProblem('0-99999999999999999999')).toBeTypeOf('string');
	expect(cpusetProblem('0,'.repeat(10_000_000))).toContain('longer');
});
