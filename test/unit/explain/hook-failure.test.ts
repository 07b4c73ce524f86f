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
	expect(hookFailure(HOOK, { status: 3 << 8, output: '' })).toBe(
		'error running createRuntime hook #2: /bin/h: exit status 3',
	);
});

it('names the signal that ended it', () => {
	expect(hookFailure(HOOK, { status: 9, output: '' })).toBe('error running createRuntime hook #2: /bin/h: signal 9');
});

it('tells a system call that the seccomp filter kills for', () => {
	expect(hookFailure(HOOK, { status: 31, output: '' })).toMatch(/signal 31: bad system call$/);
});

it('says in one line what the hook said', () => {
	expect(hookFailure(HOOK, { status: 1 << 8, output: 'cat: no\n  such file\n' })).toBe(
		'error running createRuntime hook #2: /bin/h: exit status 1: cat: no; such file',
	);
});
