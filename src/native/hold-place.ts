import { closeSync } from 'node:fs';
import { call, cloneCalling, type NamedCall } from './call.ts';
import { memfdCreate } from './file-calls.ts';
import { PR_SET_NAME, PR_SET_PDEATHSIG } from './flags.ts';
import { perform } from './perform.ts';
import { signalMask } from './plain-process.ts';

const SIGTERM = 15;
const TERM_ALONE = Uint8Array.of(0, 1 << (SIGTERM - 1 - 8), 0, 0, 0, 0, 0, 0);
const ALL_DESCRIPTORS = 0xffff_ffff;
const CLOCK_MONOTONIC = 1;
/** Where its maker ends before it has said whose end it waits for, it is gone after this time. */
const LONGEST_SECONDS = 60;
/**
 * It stays so long after its maker. Who has been told to put it somewhere may not have done so yet, and systemd does not notice
 * that a process has ended which never came: its scope would run for ever.
 */
const LINGER_SECONDS = 1;

/**
 * A child that does nothing: it holds a place where a process must be, has no descriptor, takes no signal but SIGKILL, and ends
 * soon after this process, whatever program that has become. It is a copy of this thread that never runs JavaScript again.
 * @returns its pid, for {@link waitPid}
 */
export function holdPlace(): number {
	const report = memfdCreate('report');
	const { make, undo } = signalMask('all');
	const calls: readonly NamedCall[] = [
		['prctl', PR_SET_PDEATHSIG, SIGTERM],
		['prctl', PR_SET_NAME, 'tsrun-place'],
		['close_range', 0, ALL_DESCRIPTORS, 0],
		['rt_sigtimedwait', TERM_ALONE, undefined, [LONGEST_SECONDS, 0], TERM_ALONE.length],
		['clock_nanosleep', CLOCK_MONOTONIC, 0, [LINGER_SECONDS, 0]],
	];
	call(...make);
	try {
		return perform(cloneCalling(0, calls, report), 'clone', {});
	} finally {
		call(...undo);
		closeSync(report);
	}
}
