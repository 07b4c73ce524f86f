import { closeSync } from 'node:fs';
import { call, cloneCalling, type NamedCall } from './call.ts';
import { memfdCreate } from './file-calls.ts';
import { PR_SET_NAME, PR_SET_PDEATHSIG } from './flags.ts';
import { perform } from './perform.ts';
import { signalMask } from './plain-process.ts';

const SIGKILL = 9;
const ALL_DESCRIPTORS = 0xffff_ffff;
const CLOCK_MONOTONIC = 1;
/** It ends with its maker; where that ends before it has said so, it is gone after this time. */
const LONGEST_SECONDS = 60;

/**
 * A child that does nothing: it holds a place where a process must be, has no descriptor, takes no signal but SIGKILL, and ends
 * with this process, whatever program that has become. It is a copy of this thread that never runs JavaScript again.
 * @returns its pid, for {@link waitPid}
 */
export function holdPlace(): number {
	const report = memfdCreate('report');
	const { make, undo } = signalMask('all');
	const calls: readonly NamedCall[] = [
		['prctl', PR_SET_PDEATHSIG, SIGKILL],
		['prctl', PR_SET_NAME, 'tsrun-place'],
		['close_range', 0, ALL_DESCRIPTORS, 0],
		['clock_nanosleep', CLOCK_MONOTONIC, 0, [LONGEST_SECONDS, 0]],
	];
	call(...make);
	try {
		return perform(cloneCalling(0, calls, report), 'clone', {});
	} finally {
		call(...undo);
		closeSync(report);
	}
}
