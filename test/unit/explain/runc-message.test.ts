import { describe, expect, it } from 'vitest';
import { bareRefusal, runcMessage } from '../../../src/explain/runc-message.ts';
import type { Step, StepList } from '../../../src/plan/step.ts';

const failed = (from: string | undefined, list: StepList = 'init'): { step: Step; list: StepList } => ({
	step: { op: 'umount', path: '/x', flags: 0, phase: 'mounts', why: 'test', ...(from === undefined ? {} : { from }) },
	list,
});
const refused: { step: Step; list: StepList } = {
	step: { op: 'exec', paths: ['/a'], argv: ['/a'], env: [], phase: 'exec', why: 'test' },
	list: 'init',
};

describe('runcMessage', () => {
	it.each([
		['create', 'runc create failed: it is so'],
		['run', 'runc run failed: it is so'],
		['exec', 'exec failed: it is so'],
		['delete', 'it is so'],
	])('begins an error of %s as runc', (command, text) => {
		expect(runcMessage({ command, message: 'it is so' })).toBe(text);
	});

	it.each([
		['/mounts/3', 'init', 'error during container init: error mounting: cannot'],
		['/linux/sysctl', 'init', 'error during container init: cannot'],
		[undefined, 'init', 'error during container init: cannot'],
		['/linux/cgroupsPath', 'setup', 'cannot'],
	] as const)('says of a step for %s in %s where the container was on its way', (from, list, text) => {
		expect(runcMessage({ command: 'run', message: 'cannot', step: failed(from, list) })).toBe(
			`runc run failed: unable to start container process: ${text}`,
		);
	});

	it('says nothing twice of a program that cannot be run', () => {
		const message = 'unable to start container process: exec: "/a": permission denied';
		expect(runcMessage({ command: 'create', message, step: refused })).toBe(`runc create failed: ${message}`);
	});
});

describe('bareRefusal', () => {
	const message = 'unable to start container process: exec /a: no such file or directory';

	it('is what the first process of a container says of execve(2)', () => {
		expect(bareRefusal({ command: 'run', message, step: refused })).toBe('exec /a: no such file or directory');
	});

	it.each([
		['exec', message, refused],
		['run', 'unable to start container process: exec: "/a": permission denied', refused],
		['run', message, undefined],
		['run', message, failed('/mounts/1')],
	])('is nothing else: %s, %s', (command, text, step) => {
		expect(bareRefusal({ command, message: text, ...(step === undefined ? {} : { step }) })).toBeUndefined();
	});
});
