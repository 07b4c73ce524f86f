import { CLONE, INSIDE_PROC, MOUNT_ATTR, MS, PR } from '../plan/linux-constants.ts';

/** Bits by name, in the order in which they are written. A name may stand for several bits, if it comes before its parts. */
export type FlagTable = readonly (readonly [name: string, bits: number])[];

const table = (prefix: string, bits: Readonly<Record<string, number>>): FlagTable =>
	Object.entries(bits).flatMap(([name, value]) => (value === 0 ? [] : [[`${prefix}${name}`, value] as const]));

export const MS_NAMES = table('MS_', MS);
export const CLONE_NAMES = table('CLONE_', CLONE);
export const MOUNT_ATTR_NAMES = table('MOUNT_ATTR_', MOUNT_ATTR);
export const MNT_NAMES = table('', { MNT_FORCE: 1, MNT_DETACH: 2, MNT_EXPIRE: 4, UMOUNT_NOFOLLOW: 8 });
export const AT_NAMES = table('AT_', { SYMLINK_NOFOLLOW: 0x100, EMPTY_PATH: 0x1000, RECURSIVE: 0x8000 });
export const RESOLVE_NAMES = table('RESOLVE_', {
	NO_XDEV: 1,
	NO_MAGICLINKS: 2,
	NO_SYMLINKS: 4,
	BENEATH: 8,
	IN_ROOT: 16,
	INSIDE_PROC,
});
export const O_NAMES = table('O_', {
	WRONLY: 1,
	RDWR: 2,
	CREAT: 0o100,
	NOCTTY: 0o400,
	TRUNC: 0o1000,
	APPEND: 0o2000,
	NONBLOCK: 0o4000,
	CLOEXEC: 0o2000000,
});
export const CLOSE_RANGE_NAMES = table('CLOSE_RANGE_', { UNSHARE: 2, CLOEXEC: 4, HELD: 0x8000_0000 });
export const SECCOMP_NAMES = table('SECCOMP_FILTER_FLAG_', {
	TSYNC: 1,
	LOG: 2,
	SPEC_ALLOW: 4,
	NEW_LISTENER: 8,
	TSYNC_ESRCH: 16,
	WAIT_KILLABLE_RECV: 32,
});

/** Options of prctl(2) that are numbers, not bits. */
export const PR_NAMES: Readonly<Record<string, string>> = Object.fromEntries(
	Object.entries({ ...PR, CAPBSET_DROP: 24, SET_SECUREBITS: 28, SET_CHILD_SUBREAPER: 36, CAP_AMBIENT: 47 }).map(
		([name, value]) => [String(value), `PR_${name}`],
	),
);

/** `MS_NOSUID|MS_NODEV`; what has no name is left as a number, and nothing at all is `0`. */
export function flagNames(value: number | bigint, names: FlagTable): string {
	let rest = BigInt.asUintN(64, BigInt(value));
	const found: string[] = [];
	for (const [name, number] of names) {
		const bits = BigInt(number);
		if ((rest & bits) !== bits) continue;
		found.push(name);
		rest &= ~bits;
	}
	if (rest !== 0n || found.length === 0) found.push(rest === 0n ? '0' : `0x${rest.toString(16)}`);
	return found.join('|');
}
