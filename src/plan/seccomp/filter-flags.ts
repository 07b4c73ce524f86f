import { TsrunError } from '../../core/errors.ts';

/** The kernel takes it only with a listener. */
const WAIT_KILLABLE_RECV = 1 << 5;

/** SECCOMP_FILTER_FLAG_* (seccomp(2)). TSYNC is none: the process that loads the filter has one thread. */
const FLAGS: Readonly<Record<string, number>> = {
	SECCOMP_FILTER_FLAG_TSYNC: 0,
	SECCOMP_FILTER_FLAG_LOG: 1 << 1,
	SECCOMP_FILTER_FLAG_SPEC_ALLOW: 1 << 2,
	SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV: WAIT_KILLABLE_RECV,
};
export const FLAG_NAMES: readonly string[] = Object.keys(FLAGS);
/** Those that any filter can have. */
export const COMMON_FLAG_NAMES: readonly string[] = FLAG_NAMES.filter(name => FLAGS[name] !== WAIT_KILLABLE_RECV);
/** As runc: a profile that says nothing of flags leaves the speculative store bypass to prctl(2), which costs a program less. */
const DEFAULT_FLAGS: readonly string[] = ['SECCOMP_FILTER_FLAG_SPEC_ALLOW'];
const NEW_LISTENER = 1 << 3;

/**
 * The flags argument of seccomp(SECCOMP_SET_MODE_FILTER): what the profile asks for, and a listener when a rule notifies.
 * @throws TsrunError TSRUN_BAD_SECCOMP for an unknown flag
 */
export function filterFlags(flags: readonly string[] | undefined, notifies: boolean, pointer: string): number {
	const asked = (flags ?? DEFAULT_FLAGS).reduce(
		(mask, flag, index) => {
			const bit = Object.hasOwn(FLAGS, flag) ? FLAGS[flag] : undefined;
			if (bit === undefined) {
				throw new TsrunError(
					'TSRUN_BAD_SECCOMP',
					`seccomp flag ${JSON.stringify(flag)} at ${pointer}/flags/${index} is unknown`,
					{ hint: `known flags: ${Object.keys(FLAGS).join(', ')}` },
				);
			}
			return mask | bit;
		},
		notifies ? NEW_LISTENER : 0,
	);
	return notifies ? asked : asked & ~WAIT_KILLABLE_RECV;
}
