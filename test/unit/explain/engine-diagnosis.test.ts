import { expect, it } from 'vitest';
import { engineDiagnosis } from '../../../src/explain/engine-diagnosis.ts';
import type { StepOf } from '../../../src/plan/step.ts';

const step = (command: string): StepOf<'exec'> => ({
	op: 'exec',
	paths: [command],
	argv: [command],
	env: [],
	phase: 'exec',
	why: 'run',
});

it.each([
	['nosuch', 2, 'exec: "nosuch": executable file not found in $PATH'],
	['/bin/nosuch', 2, 'exec: "/bin/nosuch": stat /bin/nosuch: no such file or directory'],
	['/etc', 13, 'exec: "/etc": permission denied'],
	['/bad', 8, 'exec: "/bad": exec format error'],
])('words %s with errno %i as engines look for it', (command, errno, words) => {
	const { message, hint } = engineDiagnosis(
		step(command),
		{ errno, isFound: false },
		{ message: 'the cause', hint: 'what to try' },
	);
	expect(message).toBe(`unable to start container process: ${words}`);
	expect(hint).toBe('the cause; what to try');
});

it('words a program without its interpreter as execve(2) refused it', () => {
	const { message } = engineDiagnosis(step('/run.sh'), { errno: 2, isFound: true }, { message: 'the cause' });
	expect(message).toBe('unable to start container process: exec /run.sh: no such file or directory');
});
