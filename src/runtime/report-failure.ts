import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type ContainerId, parseContainerId } from '../core/brands.ts';
import { EXIT_CANNOT_INVOKE, EXIT_NOT_FOUND, EXIT_TSRUN_FAILED, TsrunError } from '../core/errors.ts';
import { engineDiagnosis } from '../explain/engine-diagnosis.ts';
import { hookFailure } from '../explain/hook-failure.ts';
import { stepErrorMessage } from '../explain/step-error-message.ts';
import { decodeNotes } from '../native/encode.ts';
import { runTeardown } from '../native/machine.ts';
import { decodeProgress, noteExitCode, type Progress } from '../native/progress.ts';
import { waitPid } from '../native/wait-pid.ts';
import { EHOOK } from '../plan/linux-constants.ts';
import type { Plan } from '../plan/step.ts';
import type { ContainerState } from '../state/container-state.ts';
import { containerStateDir, readPlan, removeContainerState, type StateDirectory } from '../state/state-directory.ts';
import { diagnoseExec } from './diagnose-exec.ts';
import { StepError } from './step-error.ts';

const ENOENT = 2;
const ESRCH = 3;
/** EPERM, EACCES, ENOSYS: what a filter answers. */
const DENIALS: readonly number[] = [1, 13, 38];
const DENIED_HINT =
	'the seccomp profile of the container denies a call that comes after it is loaded: see --security-opt seccomp=FILE';

/**
 * Words the failed step of a container, then undoes what was set up. The machine became this process, so init, if it is there,
 * is its child and still stands where the step failed: the causes are looked up in its own root.
 */
export function reportFailure(directory: StateDirectory, id: string, options: WordOptions = {}): TsrunError {
	const container = parseContainerId(id);
	const path = containerStateDir(directory, container);
	const plan = readPlan(directory, container);
	const progress = decodeProgress(readFileSync(join(path, 'progress')));
	const error =
		progress === undefined
			? new TsrunError('TSRUN_STEP_FAILED', `container ${id.slice(0, 12)} failed, and its progress cannot be read`)
			: wordFailure(JSON.parse(decodeNotes(plan)) as Plan, progress, options);
	endInit(progress);
	try {
		tearDown(directory, container, { plan, exitCode: error.exitCode });
		return error;
	} catch {
		const left = `what was set up could not be removed yet: tsrun ps tries again`;
		const { code, message, hint, exitCode } = error;
		return new TsrunError(code, message, {
			exitCode,
			cause: error,
			hint: hint === undefined ? left : `${hint}; ${left}`,
		});
	}
}

/** The same of a further process of a container: all that was set up is the process itself. */
export function reportExecFailure(scratch: string, options: WordOptions): TsrunError {
	const plan = JSON.parse(decodeNotes(readFileSync(join(scratch, 'plan')))) as Plan;
	const progress = decodeProgress(readFileSync(join(scratch, 'progress')));
	const error =
		progress === undefined
			? new TsrunError('TSRUN_STEP_FAILED', 'the process failed, and its progress cannot be read')
			: wordFailure(plan, progress, options);
	endInit(progress);
	rmSync(scratch, { recursive: true, force: true });
	return error;
}

export interface WordOptions {
	/** A container of the OCI command line: engines look for runc's words. */
	readonly isBundle?: boolean;
}

/** The error of a failed step; steps of init may have ended with init itself. */
export function wordFailure(plan: Plan, progress: Progress, { isBundle = false }: WordOptions = {}): TsrunError {
	const { failed, begun, init } = progress;
	if (failed === undefined) return new TsrunError('TSRUN_STEP_FAILED', 'the plan could not be carried out');
	const step = plan[failed.list][failed.step];
	if (step === undefined) return new TsrunError('TSRUN_STEP_FAILED', `step ${failed.step} of ${failed.list} failed`);
	if (step.op === 'turn' && failed.errno === ESRCH) return diedInside(plan, begun.init - 1);
	if (step.op === 'exec' || step.op === 'findProgram') {
		const program = plan.init.find(each => each.op === 'exec');
		if (program?.op !== 'exec') throw new Error('a plan without a program');
		const found = diagnoseExec({ plan, step: program, errno: failed.errno, init });
		const { message, hint } = isBundle
			? engineDiagnosis(program, { errno: failed.errno, isFound: found.isFound }, found)
			: found;
		const exitCode = failed.errno === ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_INVOKE;
		return new StepError({ ...failed, stepObject: step, message, hint, exitCode });
	}
	if (step.op === 'hook' && failed.errno === EHOOK) {
		const message = `${hookFailure(step, { status: progress.hookStatus ?? 0, output: progress.hookOutput ?? '' })} (${failed.list} step ${failed.step}, ${step.from})`;
		return new StepError({ ...failed, stepObject: step, message, exitCode: EXIT_TSRUN_FAILED });
	}
	const { message, hint } = stepErrorMessage({ step, index: failed.step, list: failed.list, errno: failed.errno });
	const isDenied = failed.list === 'init' && isFiltered(plan, failed.step) && DENIALS.includes(failed.errno);
	return new StepError({
		...failed,
		stepObject: step,
		message,
		hint: isDenied ? DENIED_HINT : hint,
		exitCode: EXIT_TSRUN_FAILED,
	});
}

/** Whether the container's own seccomp filter is in force at a step of init. */
function isFiltered({ init }: Plan, step: number): boolean {
	return init.slice(0, step).some(({ op }) => op === 'seccomp');
}

function diedInside(plan: Plan, index: number): TsrunError {
	const step = plan.init[index];
	const where = step === undefined ? 'before its first step' : `in step ${index} of init (${step.op}: ${step.why})`;
	return new TsrunError('TSRUN_INIT_DIED', `init was killed ${where}`, {
		hint: isFiltered(plan, index)
			? 'the seccomp profile kills for a call that comes after it is loaded: tsrun plan lists the calls of the steps behind it'
			: 'a memory limit too small for the set-up does this: --memory',
	});
}

function endInit(progress: Progress | undefined): void {
	if (progress === undefined || progress.init <= 0 || progress.supervisor !== process.pid) return;
	try {
		process.kill(progress.init, 'SIGKILL');
		waitPid(progress.init);
	} catch {
		// it has ended by itself
	}
}

function tearDown(
	directory: StateDirectory,
	id: ContainerId,
	{ plan, exitCode }: { readonly plan: Uint8Array; readonly exitCode: number },
): void {
	const path = containerStateDir(directory, id);
	const state = JSON.parse(readFileSync(join(path, 'state.json'), 'utf8')) as ContainerState;
	const progressFd = openSync(join(path, 'progress'), 'r+');
	try {
		noteExitCode(progressFd, exitCode);
		runTeardown({ plan, progressFd });
		if (state.autoRemove || state.bundle !== undefined) removeContainerState(directory, id, state.name);
	} finally {
		closeSync(progressFd);
	}
}
