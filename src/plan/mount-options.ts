import { MOUNT_ATTR, MS } from './linux-constants.ts';

/** Options of runtime-spec config.md "mounts" that set (or clear) a flag of mount(2). */
const FLAG_OPTIONS: Readonly<Record<string, { readonly set?: number; readonly clear?: number }>> = {
	async: { clear: MS.SYNCHRONOUS },
	atime: { clear: MS.NOATIME },
	bind: { set: MS.BIND },
	defaults: {},
	dev: { clear: MS.NODEV },
	diratime: { clear: MS.NODIRATIME },
	dirsync: { set: MS.DIRSYNC },
	exec: { clear: MS.NOEXEC },
	iversion: { set: MS.I_VERSION },
	lazytime: { set: MS.LAZYTIME },
	loud: { clear: MS.SILENT },
	mand: { set: MS.MANDLOCK },
	noatime: { set: MS.NOATIME },
	nodev: { set: MS.NODEV },
	nodiratime: { set: MS.NODIRATIME },
	noexec: { set: MS.NOEXEC },
	noiversion: { clear: MS.I_VERSION },
	nolazytime: { clear: MS.LAZYTIME },
	nomand: { clear: MS.MANDLOCK },
	norelatime: { clear: MS.RELATIME },
	nostrictatime: { clear: MS.STRICTATIME },
	nosuid: { set: MS.NOSUID },
	nosymfollow: { set: MS.NOSYMFOLLOW },
	rbind: { set: MS.BIND | MS.REC },
	relatime: { set: MS.RELATIME },
	remount: { set: MS.REMOUNT },
	ro: { set: MS.RDONLY },
	rw: { clear: MS.RDONLY },
	silent: { set: MS.SILENT },
	strictatime: { set: MS.STRICTATIME },
	suid: { clear: MS.NOSUID },
	symfollow: { clear: MS.NOSYMFOLLOW },
	sync: { set: MS.SYNCHRONOUS },
};

const PROPAGATION: Readonly<Record<string, number>> = {
	private: MS.PRIVATE,
	rprivate: MS.PRIVATE | MS.REC,
	shared: MS.SHARED,
	rshared: MS.SHARED | MS.REC,
	slave: MS.SLAVE,
	rslave: MS.SLAVE | MS.REC,
	unbindable: MS.UNBINDABLE,
	runbindable: MS.UNBINDABLE | MS.REC,
};

/** Recursive attributes (mount_setattr(2) with AT_RECURSIVE). */
const RECURSIVE: Readonly<Record<string, { readonly set: number; readonly clear: number }>> = {
	rro: { set: MOUNT_ATTR.RDONLY, clear: 0 },
	rrw: { set: 0, clear: MOUNT_ATTR.RDONLY },
	rnosuid: { set: MOUNT_ATTR.NOSUID, clear: 0 },
	rsuid: { set: 0, clear: MOUNT_ATTR.NOSUID },
	rnodev: { set: MOUNT_ATTR.NODEV, clear: 0 },
	rdev: { set: 0, clear: MOUNT_ATTR.NODEV },
	rnoexec: { set: MOUNT_ATTR.NOEXEC, clear: 0 },
	rexec: { set: 0, clear: MOUNT_ATTR.NOEXEC },
	rnodiratime: { set: MOUNT_ATTR.NODIRATIME, clear: 0 },
	rdiratime: { set: 0, clear: MOUNT_ATTR.NODIRATIME },
	rnosymfollow: { set: MOUNT_ATTR.NOSYMFOLLOW, clear: 0 },
	rsymfollow: { set: 0, clear: MOUNT_ATTR.NOSYMFOLLOW },
	rrelatime: { set: MOUNT_ATTR.RELATIME, clear: MOUNT_ATTR.ATIME },
	// relatime is the kernel's default, so taking it back changes nothing
	rnorelatime: { set: MOUNT_ATTR.RELATIME, clear: MOUNT_ATTR.ATIME },
	rnoatime: { set: MOUNT_ATTR.NOATIME, clear: MOUNT_ATTR.ATIME },
	ratime: { set: MOUNT_ATTR.RELATIME, clear: MOUNT_ATTR.ATIME },
	rstrictatime: { set: MOUNT_ATTR.STRICTATIME, clear: MOUNT_ATTR.ATIME },
	rnostrictatime: { set: MOUNT_ATTR.RELATIME, clear: MOUNT_ATTR.ATIME },
};

/** Options of the runtime, not of the kernel: `tmpcopyup` and `idmap` of runc, `copy-symlink` of crun. */
const EXTENSIONS = ['copy-symlink', 'idmap', 'ridmap', 'tmpcopyup'] as const;
export type MountExtension = (typeof EXTENSIONS)[number];

/** What mount_setattr(2) sets and clears. */
export interface MountAttributes {
	readonly set: number;
	readonly clear: number;
}

export interface MountOptions {
	/** Flags of mount(2), without propagation. */
	readonly flags: number;
	/** Whether an option named a flag that a bind mount only takes by a second call. */
	readonly changesFlags: boolean;
	/** The flags as attributes of a bind mount, which has these and no others: what mount(2) makes of MS_REMOUNT | MS_BIND. */
	readonly attributes: MountAttributes;
	/** The same without clearing what no option names and a user namespace may not clear. */
	readonly unlocked: MountAttributes;
	/** One propagation flag each, in the order given. */
	readonly propagation: readonly number[];
	readonly recursive: MountAttributes;
	readonly extensions: readonly MountExtension[];
	/** What is left for the file system itself, joined by commas. */
	readonly data: string;
}

/** Every option that is not left to the file system, sorted. */
export function knownMountOptions(): readonly string[] {
	return [FLAG_OPTIONS, PROPAGATION, RECURSIVE]
		.flatMap(table => Object.keys(table))
		.concat(EXTENSIONS)
		.sort();
}

/** Options come from files of others: `constructor` is one, and no flag. */
function own<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
	return Object.hasOwn(table, name) ? table[name] : undefined;
}

/** Flags of mount(2) that a single mount has, as attributes; the file system has the others. */
const LOCKABLE: readonly (readonly [flag: number, attribute: number])[] = [
	[MS.RDONLY, MOUNT_ATTR.RDONLY],
	[MS.NOSUID, MOUNT_ATTR.NOSUID],
	[MS.NODEV, MOUNT_ATTR.NODEV],
	[MS.NOEXEC, MOUNT_ATTR.NOEXEC],
];

function attributesOf(flags: number, cleared: number): Pick<MountOptions, 'attributes' | 'unlocked'> {
	const sum = (of: number): number =>
		LOCKABLE.reduce((all, [flag, attribute]) => ((of & flag) === 0 ? all : all | attribute), 0);
	const noLinks = (flags & MS.NOSYMFOLLOW) === 0 ? 0 : MOUNT_ATTR.NOSYMFOLLOW;
	const times = accessTimes(flags);
	const set = sum(flags) | noLinks | times.set;
	const clear = (MOUNT_ATTR.NOSYMFOLLOW & ~noLinks) | times.clear;
	return {
		attributes: { set, clear: clear | (sum(~0) & ~set) },
		unlocked: { set, clear: clear | (sum(cleared) & ~set) },
	};
}

/** As mount(2) has it: a remount that names no access times keeps them; one that names some has relatime unless told otherwise. */
function accessTimes(flags: number): MountAttributes {
	if ((flags & (MS.NOATIME | MS.NODIRATIME | MS.RELATIME | MS.STRICTATIME)) === 0) return { set: 0, clear: 0 };
	const directories = (flags & MS.NODIRATIME) === 0 ? 0 : MOUNT_ATTR.NODIRATIME;
	const files = (flags & MS.NOATIME) === 0 ? MOUNT_ATTR.RELATIME : MOUNT_ATTR.NOATIME;
	return {
		set: directories | ((flags & MS.STRICTATIME) === 0 ? files : MOUNT_ATTR.STRICTATIME),
		clear: MOUNT_ATTR.ATIME | (MOUNT_ATTR.NODIRATIME & ~directories),
	};
}

/** Sorts the options of a mount into what each system call takes (runtime-spec config.md, "mounts", "Linux mount options"). */
export function parseMountOptions(options: readonly string[]): MountOptions {
	let flags = 0;
	let cleared = 0;
	let changesFlags = false;
	const propagation: number[] = [];
	const recursive = { set: 0, clear: 0 };
	const extensions: MountExtension[] = [];
	const data: string[] = [];
	for (const option of options) {
		const flag = own(FLAG_OPTIONS, option);
		const spread = own(PROPAGATION, option);
		const deep = own(RECURSIVE, option);
		const extension = EXTENSIONS.find(name => name === option);
		if (flag !== undefined) {
			flags = (flags & ~(flag.clear ?? 0)) | (flag.set ?? 0);
			cleared = (cleared & ~(flag.set ?? 0)) | (flag.clear ?? 0);
			if (((flag.set ?? 0) & ~(MS.BIND | MS.REC | MS.REMOUNT)) !== 0 || flag.clear !== undefined) changesFlags = true;
		} else if (spread !== undefined) {
			propagation.push(spread);
		} else if (deep !== undefined) {
			recursive.set = (recursive.set & ~deep.clear) | deep.set;
			recursive.clear = (recursive.clear & ~deep.set) | deep.clear;
		} else if (extension !== undefined) {
			extensions.push(extension);
		} else {
			data.push(option);
		}
	}
	const attributes = attributesOf(flags, cleared);
	return { flags, changesFlags, ...attributes, propagation, recursive, extensions, data: data.join(',') };
}

/** The flag of a `rootfsPropagation` value; undefined where the value is unknown. */
export function propagationFlag(name: string): number | undefined {
	return own(PROPAGATION, name);
}
