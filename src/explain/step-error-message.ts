import { errnoWords } from '../core/errno.ts';
import type { Step, StepList } from '../plan/step.ts';
import { printable } from './printable.ts';
import { stepAction } from './step-action.ts';
import { stepHint } from './step-hint.ts';

export interface StepFailure {
	readonly step: Step;
	readonly index: number;
	readonly list: StepList;
	readonly errno: number;
}

export interface StepErrorMessage {
	/** One clause that names the object; the kernel's word is last. */
	readonly message: string;
	/** The usual cause of this errno at this step; absent where there is none. */
	readonly hint?: string;
}

/** The wording of a failed step: all that the machine says of it is its index and the errno. */
export function stepErrorMessage({ step, index, list, errno }: StepFailure): StepErrorMessage {
	const where = [`${list} step ${index}`, ...(step.from === undefined ? [] : [step.from])].join(', ');
	const hint = stepHint(step, errno);
	return {
		message: printable(`cannot ${stepAction(step)} (${where}): ${errnoWords(errno)}`),
		...(hint === undefined ? {} : { hint: printable(hint) }),
	};
}
