import { expect, it } from 'vitest';
import { hookFailure } from '../../../src/explain/hook-failure.ts';
import type { StepOf } from '../../../src/plan/step.ts';

const HOOK: StepOf<'hook'> = {
	op: 'hook',
	path: '/bin/h',
	argv: ['h'],
	env: [],
	stateHead: '',
	stateTail: '',
	timeoutMs: 0,
	phase: 'process',
	why: 'a hook',
	from: '/hooks/createRuntime/2',
};

it('names kind, place, program and exit status', () => {
	expect(hookFailure(HOOK, 3 << 8)).toBe('error running createRuntime hook #2: /bin/h: exit status 3');
});

it('names the signal that ended it', () => {
	expect(hookFailure(HOOK, 9)).toBe('error running createRuntime hook #2: /bin/h: signal 9');
});
