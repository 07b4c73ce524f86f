import type { ChildProcess } from 'node:child_process';
import { passSignals } from '../../runtime/pass-signals.ts';

export interface StepSignals {
	/** From now on this process ends by no signal; those that are not taken here are passed on to the supervisor. */
	readonly passTo: (pid: number) => void;
	/** While a step is held, a signal means to quit. */
	readonly hold: () => { readonly signal: AbortSignal; readonly release: () => void };
	/** A shell that runs meanwhile has the signals of its terminal, and ends with a hang-up at the others. */
	readonly shell: (child: ChildProcess) => void;
}

export function stepSignals(): StepSignals {
	let held: AbortController | undefined;
	let shell: ChildProcess | undefined;
	return {
		passTo: pid =>
			passSignals(pid, signal => {
				if (held === undefined) return false;
				if (shell !== undefined && (signal === 'SIGINT' || signal === 'SIGQUIT')) return true;
				held.abort();
				shell?.kill('SIGHUP');
				return true;
			}),
		hold: () => {
			const controller = new AbortController();
			held = controller;
			return {
				signal: controller.signal,
				release: () => {
					held = undefined;
				},
			};
		},
		shell: child => {
			shell = child;
			child.once('exit', () => {
				shell = undefined;
			});
		},
	};
}
