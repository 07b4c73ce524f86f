import { CLONE } from '../../plan/linux-constants.ts';

/** Options of unshare(1) and nsenter(1) by flag of clone(2). */
const OPTIONS: readonly (readonly [flag: number, option: string])[] = [
	[CLONE.NEWUSER, 'user'],
	[CLONE.NEWNS, 'mount'],
	[CLONE.NEWUTS, 'uts'],
	[CLONE.NEWIPC, 'ipc'],
	[CLONE.NEWNET, 'net'],
	[CLONE.NEWPID, 'pid'],
	[CLONE.NEWCGROUP, 'cgroup'],
	[CLONE.NEWTIME, 'time'],
];

/** `--mount --propagation unchanged --uts`: a plan says itself what becomes of propagation. */
export function unshareOptions(flags: number | bigint): readonly string[] {
	return OPTIONS.flatMap(([flag, option]) => {
		if ((BigInt(flags) & BigInt(flag)) === 0n) return [];
		return option === 'mount' ? ['--mount', '--propagation', 'unchanged'] : [`--${option}`];
	});
}

export function nsenterOption(type: number | bigint): string {
	return `--${OPTIONS.find(([flag]) => BigInt(flag) === BigInt(type))?.[1] ?? 'all'}`;
}
