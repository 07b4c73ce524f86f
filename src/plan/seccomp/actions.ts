import { TsrunError } from '../../core/errors.ts';

/** SECCOMP_RET_* (seccomp(2), linux/seccomp.h); KILL is the old name of KILL_THREAD, as in libseccomp. */
const ACTIONS: Readonly<Record<string, number>> = {
	SCMP_ACT_KILL: 0,
	SCMP_ACT_KILL_THREAD: 0,
	SCMP_ACT_KILL_PROCESS: 0x8000_0000,
	SCMP_ACT_TRAP: 0x0003_0000,
	SCMP_ACT_ERRNO: 0x0005_0000,
	SCMP_ACT_NOTIFY: 0x7fc0_0000,
	SCMP_ACT_TRACE: 0x7ff0_0000,
	SCMP_ACT_LOG: 0x7ffc_0000,
	SCMP_ACT_ALLOW: 0x7fff_0000,
};
export const ACTION_NAMES: readonly string[] = Object.keys(ACTIONS);
const LARGEST_RETURN: Readonly<Record<string, number>> = { SCMP_ACT_ERRNO: 4095, SCMP_ACT_TRACE: 0xffff };
const EPERM = 1;

export const RET_KILL_PROCESS = 0x8000_0000;
export const RET_NOTIFY = 0x7fc0_0000;
/** ERRNO with ENOSYS (38 on x86 and arm). */
export const RET_ENOSYS = 0x0005_0000 + 38;
/** Defaults under which an unknown system call goes on, or is for a tracer to judge: a profile of denials. */
export const PERMISSIVE_DEFAULTS: readonly string[] = ['SCMP_ACT_ALLOW', 'SCMP_ACT_LOG', 'SCMP_ACT_TRACE'];

export interface ActionFields {
	readonly action: string;
	readonly errnoRet: number | undefined;
	/** JSON pointers of the two fields. */
	readonly actionPointer: string;
	readonly errnoPointer: string;
}

/**
 * The value that the filter returns for an action (config-linux.md, "Seccomp"). ERRNO and TRACE carry errnoRet, EPERM unless
 * told; the other actions take none.
 * @throws TsrunError TSRUN_BAD_SECCOMP
 */
export function returnValue({ action, errnoRet, actionPointer, errnoPointer }: ActionFields): number {
	const base = Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : undefined;
	if (base === undefined) {
		throw new TsrunError(
			'TSRUN_BAD_SECCOMP',
			`seccomp action ${JSON.stringify(action)} at ${actionPointer} is unknown`,
			{
				hint: `known actions: ${Object.keys(ACTIONS).join(', ')}`,
			},
		);
	}
	const largest = LARGEST_RETURN[action];
	if (largest === undefined) {
		if (errnoRet === undefined) return base;
		throw new TsrunError('TSRUN_BAD_SECCOMP', `seccomp action ${action} takes no errno, but ${errnoPointer} is set`);
	}
	const errno = errnoRet ?? EPERM;
	if (!Number.isInteger(errno) || errno < 0 || errno > largest) {
		throw new TsrunError('TSRUN_BAD_SECCOMP', `errno ${errno} at ${errnoPointer} is out of range`, {
			hint: `expected a number from 0 to ${largest}`,
		});
	}
	return base + errno;
}
