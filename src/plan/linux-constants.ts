/** Numbers of the Linux ABI that plans are made of, by the names of the manual pages; the same on every architecture. */
export const CLONE = {
	NEWTIME: 0x80,
	NEWNS: 0x20000,
	NEWCGROUP: 0x2000000,
	NEWUTS: 0x4000000,
	NEWIPC: 0x8000000,
	NEWUSER: 0x10000000,
	NEWPID: 0x20000000,
	NEWNET: 0x40000000,
} as const;

/** mount(2). */
export const MS = {
	RDONLY: 1,
	NOSUID: 2,
	NODEV: 4,
	NOEXEC: 8,
	SYNCHRONOUS: 16,
	REMOUNT: 32,
	MANDLOCK: 64,
	DIRSYNC: 128,
	NOSYMFOLLOW: 256,
	NOATIME: 1024,
	NODIRATIME: 2048,
	BIND: 4096,
	MOVE: 8192,
	REC: 16384,
	SILENT: 32768,
	UNBINDABLE: 1 << 17,
	PRIVATE: 1 << 18,
	SLAVE: 1 << 19,
	SHARED: 1 << 20,
	RELATIME: 1 << 21,
	I_VERSION: 1 << 23,
	STRICTATIME: 1 << 24,
	LAZYTIME: 1 << 25,
} as const;

/** mount_setattr(2). */
export const MOUNT_ATTR = {
	RDONLY: 0x1,
	NOSUID: 0x2,
	NODEV: 0x4,
	NOEXEC: 0x8,
	ATIME: 0x70,
	RELATIME: 0,
	NOATIME: 0x10,
	STRICTATIME: 0x20,
	NODIRATIME: 0x80,
	NOSYMFOLLOW: 0x200000,
} as const;
export const AT_RECURSIVE = 0x8000;

/** umount(2). */
export const MNT_DETACH = 2;

/** No bit of the kernel: what the caller preserves is for the supervisor alone (native/plan.h). */
export const CLOSE_RANGE_HELD = 0x8000_0000;

/** openat2(2). */
export const RESOLVE_NO_SYMLINKS = 0x04;
/** No bit of the kernel: a new mount may lie in a proc file system (native/plan.h). */
export const INSIDE_PROC = 2 ** 32;

/** prctl(2). */
export const PR = { SET_PDEATHSIG: 1, SET_DUMPABLE: 4, SET_KEEPCAPS: 8, SET_NO_NEW_PRIVS: 38 } as const;
export const SIGKILL = 9;

/** inode(7), the type bits of st_mode. */
export const S_IFCHR = 0o020000;
export const S_IFBLK = 0o060000;
export const S_IFIFO = 0o010000;

/** errno(3). */
export const ERRNO = {
	EPERM: 1,
	ENOENT: 2,
	EACCES: 13,
	EBUSY: 16,
	EEXIST: 17,
	ENODEV: 19,
	EINVAL: 22,
	ETIMEDOUT: 110,
} as const;
/** No errno of the kernel: a hook ended with another status than 0 (native/plan.h). */
export const EHOOK = 200;

/** getrlimit(2), by the names of config.json. */
export const RLIMITS: Readonly<Record<string, number>> = {
	RLIMIT_CPU: 0,
	RLIMIT_FSIZE: 1,
	RLIMIT_DATA: 2,
	RLIMIT_STACK: 3,
	RLIMIT_CORE: 4,
	RLIMIT_RSS: 5,
	RLIMIT_NPROC: 6,
	RLIMIT_NOFILE: 7,
	RLIMIT_MEMLOCK: 8,
	RLIMIT_AS: 9,
	RLIMIT_LOCKS: 10,
	RLIMIT_SIGPENDING: 11,
	RLIMIT_MSGQUEUE: 12,
	RLIMIT_NICE: 13,
	RLIMIT_RTPRIO: 14,
	RLIMIT_RTTIME: 15,
};
