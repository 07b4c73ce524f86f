import { CLONE, MS, PR } from '../../plan/linux-constants.ts';
import type { StepPlace } from '../../plan/step-order.ts';

/** Why a step cannot be skipped, as words that follow "because"; undefined where it can be. */
export function whyNotSkipped({ list, step }: StepPlace): string | undefined {
	if (list === 'teardown') return 'what was made would stay on the host';
	switch (step.op) {
		case 'clone':
		case 'clone3':
		case 'forkInit':
			return 'there would be no process to become the container';
		case 'turn':
			return 'the two processes would no longer take turns';
		case 'supervise':
		case 'leave':
			return 'nobody would wait for the end of the program';
		case 'awaitStart':
			return 'the container would start before it is told to';
		case 'exec':
			return 'without a program there is no container; quit ends it';
		case 'openRoot':
			return 'the steps after it look for their paths below it';
		case 'requireEmptyCgroup':
			return 'the processes of others might be there, and the teardown ends all of them';
		case 'unshare':
		case 'setns':
		case 'joinTarget':
			return isHarmless(Number(step.op === 'setns' ? step.type : step.flags))
				? undefined
				: 'the steps after it would change the host';
		case 'mount':
			return step.target === '/' && (Number(step.flags) & (MS.PRIVATE | MS.SLAVE)) !== 0
				? 'the mounts of the container would appear on the host, and stay there'
				: undefined;
		case 'prctl':
			return Number(step.option) === PR.SET_PDEATHSIG
				? 'the container would outlive a supervisor that is killed'
				: undefined;
		default:
			return undefined;
	}
}

/** Nothing of a plan is written to what these namespaces hold. */
const isHarmless = (flags: number): boolean => flags !== 0 && (flags & ~(CLONE.NEWCGROUP | CLONE.NEWIPC)) === 0;
