import type { RuntimeSpec } from '../oci/runtime-spec.ts';
import type { ContainerInput, HandOver, LogInput } from './container-input.ts';
import { PR, SIGKILL } from './linux-constants.ts';
import type { Step } from './step.ts';

/** How the machine and init part: the steps that depend on who waits for the container's end. */
export interface LifePlan {
	/** Host side, before the clone. */
	readonly prepare: readonly Step[];
	/** Init, first of all. */
	readonly born: readonly Step[];
	/** Init, after a change of user. */
	readonly reborn: readonly Step[];
	/** Init, before its last steps. */
	readonly wait: readonly Step[];
	/** Host side, once init is beyond recall. */
	readonly end: readonly Step[];
}

/**
 * A supervised container ends with its supervisor. One of the OCI command line goes on without: `created`, it waits for its
 * start, and the caller of tsrun, a conmon or a containerd-shim, becomes its parent (runtime.md, "Lifecycle").
 */
export function compileLife(spec: RuntimeSpec, { life, handOver, log }: ContainerInput, supervise: Step): LifePlan {
	const goesOn = life.kind !== 'supervised';
	const hand = handOverSteps(handOver);
	const joinsPid = (spec.linux?.namespaces ?? []).some(({ type, path }) => type === 'pid' && path !== undefined);
	return {
		prepare: life.kind === 'created' ? [openStart(life)] : [],
		born: [
			...(goesOn ? [] : [deathSignal('the container ends with its supervisor, however that ends')]),
			...(goesOn || joinsPid ? [UNTRACEABLE] : []),
		],
		reborn: goesOn ? [] : [deathSignal('a change of user clears the parent-death signal (prctl(2))')],
		wait:
			life.kind === 'created'
				? [{ op: 'awaitStart', phase: 'process', why: 'the container is created; its program runs when it is started' }]
				: [],
		end: [...hand, ...(goesOn ? [LEAVE] : [...logSteps(log), supervise])],
	};
}

export const UNTRACEABLE: Step = {
	op: 'prctl',
	option: PR.SET_DUMPABLE,
	arg2: 0,
	arg3: 0,
	phase: 'security',
	why: 'processes already in the pid namespace cannot trace init before it runs its program (CVE-2016-9962)',
};

const LEAVE: Step = { op: 'leave', phase: 'supervise', why: 'the caller of tsrun waits for the end of init' };

function logSteps(log: LogInput | undefined): readonly Step[] {
	if (log === undefined) return [];
	const why = 'the program runs: its output goes to the log, and the caller need not wait';
	return [{ op: 'log', ...log, phase: 'supervise', why }];
}

function openStart({ start }: { readonly start: string }): Step {
	return {
		op: 'openStart',
		path: start,
		phase: 'process',
		why: 'there comes the start, and there is no reader any more when the program runs',
	};
}

function deathSignal(why: string): Step {
	return { op: 'prctl', option: PR.SET_PDEATHSIG, arg2: SIGKILL, arg3: 0, phase: 'process', why };
}

function handOverSteps({ consoleSocket, pidfdSocket, pidFile }: HandOver): readonly Step[] {
	const steps: Step[] = [];
	if (consoleSocket !== undefined)
		steps.push({
			op: 'sendDescriptor',
			socket: consoleSocket,
			name: '/dev/ptmx',
			pidfd: 0,
			phase: 'supervise',
			why: 'whoever serves the console socket gets the terminal',
			from: '/process/terminal',
		});
	if (pidfdSocket !== undefined)
		steps.push({
			op: 'sendDescriptor',
			socket: pidfdSocket,
			name: 'pidfd',
			pidfd: 1,
			phase: 'supervise',
			why: 'the caller gets a pidfd of init',
		});
	if (pidFile !== undefined)
		steps.push({
			op: 'writePid',
			path: pidFile.path,
			temporary: pidFile.temporary,
			phase: 'supervise',
			why: 'the caller reads the pid of init there',
		});
	return steps;
}
