import { TsrunError } from '../core/errors.ts';
import { describeStep } from '../explain/describe-step.ts';
import type { Step, StepList } from '../plan/step.ts';

/** A step of a plan that the kernel refused. */
export class StepError extends TsrunError {
	override readonly name = 'StepError';
	readonly list: StepList;
	readonly stepIndex: number;
	readonly step: Step;
	readonly errno: number;
	/** The step as `tsrun plan` has it; undefined where it is a program, of which the message says all. */
	readonly call: string | undefined;

	constructor(failure: {
		readonly list: StepList;
		readonly step: number;
		readonly stepObject: Step;
		readonly errno: number;
		readonly message: string;
		readonly hint?: string | undefined;
		readonly exitCode: number;
	}) {
		super('TSRUN_STEP_FAILED', failure.message, {
			exitCode: failure.exitCode,
			...(failure.hint === undefined ? {} : { hint: failure.hint }),
		});
		this.list = failure.list;
		this.stepIndex = failure.step;
		this.step = failure.stepObject;
		this.errno = failure.errno;
		this.call = isProgram(failure.stepObject) ? undefined : describeStep(failure.stepObject);
	}
}

const isProgram = ({ op }: Step): boolean => op === 'exec' || op === 'findProgram' || op === 'hook';
