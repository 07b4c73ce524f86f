import type { Plan, Step } from '../plan/step.ts';
import { describeStep } from './describe-step.ts';

/**
 * What `--debug` tells before a plan is carried out: each step. Between them stand the milestones of runc's own log, by which
 * its users find their way.
 * @param ends the last milestone: that of a container, or that of a further process in one
 */
export function debugLines({ setup, init }: Plan, ends: 'created' | 'joined'): readonly string[] {
	return [
		'runc exeseal: using /proc/self/exe clone (tsrun-init in a sealed memfd)',
		`nsexec container setup: ${setup.length} steps on the host`,
		...setup.flatMap((step, index) => linesOf('setup', index, step)),
		`child process in init(): ${init.length} steps`,
		...init.flatMap((step, index) => linesOf('init', index, step)),
		ends === 'joined' ? 'setns_init: about to exec' : 'init: closing the pipe to signal completion',
	];
}

function linesOf(list: 'setup' | 'init', index: number, step: Step): readonly string[] {
	const line = `${list} ${index}: ${describeStep(step)}`;
	if (step.op === 'seccomp' || step.op === 'seccompNotify') return [line, `seccomp filter flags: ${step.flags}`];
	if (step.op !== 'schedSetaffinity' || typeof step.cpus === 'string') return [line];
	return [line, `nsexec ${list} ${index}: affinity: ${maskText(step.cpus)}`];
}

/** Little endian, as cpu_set_t is. */
function maskText(cpus: Uint8Array): string {
	const digits = [...cpus].reverse().map(byte => byte.toString(16).padStart(2, '0'));
	return `0x${digits.join('').replace(/^0+(?=.)/, '')}`;
}
