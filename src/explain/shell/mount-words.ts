import { MOUNT_ATTR, MS } from '../../plan/linux-constants.ts';
import { shellWord, shellWords } from './shell-word.ts';

/** Options of mount(8) by flag of mount(2). */
const OPTIONS: readonly (readonly [bit: number, option: string])[] = [
	[MS.RDONLY, 'ro'],
	[MS.NOSUID, 'nosuid'],
	[MS.NODEV, 'nodev'],
	[MS.NOEXEC, 'noexec'],
	[MS.SYNCHRONOUS, 'sync'],
	[MS.MANDLOCK, 'mand'],
	[MS.DIRSYNC, 'dirsync'],
	[MS.NOSYMFOLLOW, 'nosymfollow'],
	[MS.NOATIME, 'noatime'],
	[MS.NODIRATIME, 'nodiratime'],
	[MS.RELATIME, 'relatime'],
	[MS.STRICTATIME, 'strictatime'],
	[MS.LAZYTIME, 'lazytime'],
	[MS.I_VERSION, 'iversion'],
];
const PROPAGATION: readonly (readonly [bit: number, name: string])[] = [
	[MS.SHARED, 'shared'],
	[MS.SLAVE, 'slave'],
	[MS.PRIVATE, 'private'],
	[MS.UNBINDABLE, 'unbindable'],
];

export interface MountCall {
	/** A word of bash. */
	readonly source: string;
	/** A word of bash. */
	readonly target: string;
	readonly type: string;
	readonly flags: number | bigint;
	readonly data: string;
}

/** mount(2) as a command line of mount(8), without its helpers and without /etc/fstab. */
export function mountCommand({ source, target, type, flags, data }: MountCall): string {
	const bits = Number(flags);
	const propagation = propagationName(bits);
	if (propagation !== undefined) return `mount --make-${(bits & MS.REC) === 0 ? '' : 'r'}${propagation} ${target}`;
	if ((bits & MS.REMOUNT) !== 0) {
		const kind = (bits & MS.BIND) === 0 ? ['remount'] : ['remount', 'bind'];
		const options = [...kind, ...mountOptions(bits & ~MS.BIND), ...(data === '' ? [] : [data])].join(',');
		return `mount --internal-only --options-mode ignore -o ${shellWord(options)} ${target}`;
	}
	if ((bits & MS.BIND) !== 0) return `mount --${(bits & MS.REC) === 0 ? 'bind' : 'rbind'} -- ${source} ${target}`;
	const options = [...mountOptions(bits), ...(data === '' ? [] : [data])].join(',');
	const words = ['mount', '--internal-only', '-t', type, ...(options === '' ? [] : ['-o', options])];
	return `${shellWords(words)} -- ${source === "''" ? 'none' : source} ${target}`;
}

export function propagationName(bits: number): string | undefined {
	return PROPAGATION.find(([bit]) => (bits & bit) !== 0)?.[1];
}

export function mountOptions(bits: number): readonly string[] {
	return OPTIONS.flatMap(([bit, option]) => ((bits & bit) === 0 ? [] : [option]));
}

const ATTRIBUTES: readonly (readonly [bit: number, set: string, clear: string])[] = [
	[MOUNT_ATTR.RDONLY, 'ro', 'rw'],
	[MOUNT_ATTR.NOSUID, 'nosuid', 'suid'],
	[MOUNT_ATTR.NODEV, 'nodev', 'dev'],
	[MOUNT_ATTR.NOEXEC, 'noexec', 'exec'],
	[MOUNT_ATTR.NODIRATIME, 'nodiratime', 'diratime'],
	[MOUNT_ATTR.NOSYMFOLLOW, 'nosymfollow', 'symfollow'],
];

/** What mount_setattr(2) sets and clears, as options of mount(8). */
export function attributeOptions(set: number, clear: number): readonly string[] {
	const atime = set & MOUNT_ATTR.ATIME;
	const changesAtime = (clear & MOUNT_ATTR.ATIME) !== 0 || atime !== 0;
	const ofAtime =
		atime === MOUNT_ATTR.NOATIME ? 'noatime' : atime === MOUNT_ATTR.STRICTATIME ? 'strictatime' : 'relatime';
	return [
		...ATTRIBUTES.flatMap(([bit, on, off]) => ((set & bit) !== 0 ? [on] : (clear & bit) !== 0 ? [off] : [])),
		...(changesAtime ? [ofAtime] : []),
	];
}
