import { expect, it } from 'vitest';
import { describeStep } from '../../../src/explain/describe-step.ts';
import { procSteps } from '../../../src/plan/own-proc.ts';

const WRITES = [
	{ path: 'sys/net/a', data: '1', why: 'a', from: '/linux/sysctl/net.a' },
	{ path: 'thread-self/attr/exec', data: 'x', why: 'b', from: '/process/selinuxLabel' },
];
const callsOf = (usesHostProc: boolean) => procSteps(WRITES, usesHostProc).map(describeStep);

it('opens one proc that nobody can cover, and writes below it', () => {
	expect(callsOf(false)).toEqual([
		'open_proc()',
		'write_proc("sys/net/a", "1")',
		'write_proc("thread-self/attr/exec", "x")',
	]);
});

it('has the host’s proc where none can be mounted', () => {
	expect(callsOf(true)).toEqual(['write("/proc/sys/net/a", "1")', 'write("/proc/thread-self/attr/exec", "x")']);
});

it('opens nothing where nothing is written', () => {
	expect(procSteps([], false)).toEqual([]);
});
