import { constants } from 'node:fs';
import { CLONE, MS, PR } from '../plan/linux-constants.ts';

export { MNT_DETACH, RESOLVE_NO_SYMLINKS, S_IFBLK, S_IFCHR, S_IFIFO } from '../plan/linux-constants.ts';

// The numbers of Linux's flags under the names of the manual pages.

/* clone(2), unshare(2), setns(2) */
export const CLONE_FS = 0x200;
export const CLONE_FILES = 0x400;
export const CLONE_SYSVSEM = 0x40000;
export const {
	NEWTIME: CLONE_NEWTIME,
	NEWNS: CLONE_NEWNS,
	NEWCGROUP: CLONE_NEWCGROUP,
	NEWUTS: CLONE_NEWUTS,
	NEWIPC: CLONE_NEWIPC,
	NEWUSER: CLONE_NEWUSER,
	NEWPID: CLONE_NEWPID,
	NEWNET: CLONE_NEWNET,
} = CLONE;

/* mount(2) */
export const {
	RDONLY: MS_RDONLY,
	NOSUID: MS_NOSUID,
	NODEV: MS_NODEV,
	NOEXEC: MS_NOEXEC,
	SYNCHRONOUS: MS_SYNCHRONOUS,
	REMOUNT: MS_REMOUNT,
	MANDLOCK: MS_MANDLOCK,
	DIRSYNC: MS_DIRSYNC,
	NOSYMFOLLOW: MS_NOSYMFOLLOW,
	NOATIME: MS_NOATIME,
	NODIRATIME: MS_NODIRATIME,
	BIND: MS_BIND,
	MOVE: MS_MOVE,
	REC: MS_REC,
	SILENT: MS_SILENT,
	UNBINDABLE: MS_UNBINDABLE,
	PRIVATE: MS_PRIVATE,
	SLAVE: MS_SLAVE,
	SHARED: MS_SHARED,
	RELATIME: MS_RELATIME,
	STRICTATIME: MS_STRICTATIME,
	LAZYTIME: MS_LAZYTIME,
} = MS;

/* umount2(2) */
export const MNT_FORCE = 0x1;
export const MNT_EXPIRE = 0x4;
export const UMOUNT_NOFOLLOW = 0x8;

/* openat2(2): how a path may be resolved */
export const RESOLVE_NO_XDEV = 0x1;
export const RESOLVE_NO_MAGICLINKS = 0x2;
export const RESOLVE_BENEATH = 0x8;
export const RESOLVE_IN_ROOT = 0x10;
export const RESOLVE_CACHED = 0x20;

/* open(2); the numbers of some differ between architectures */
export const O_RDONLY = 0;
export const O_WRONLY = 0o1;
export const O_RDWR = 0o2;
export const O_CREAT = 0o100;
export const O_EXCL = 0o200;
export const O_NOCTTY = 0o400;
export const O_TRUNC = 0o1000;
export const O_APPEND = 0o2000;
export const O_NONBLOCK = 0o4000;
export const O_CLOEXEC = 0o2000000;
export const O_PATH = 0o10000000;
export const O_DIRECTORY = constants.O_DIRECTORY;
export const O_NOFOLLOW = constants.O_NOFOLLOW;
export const O_DIRECT = constants.O_DIRECT;
export const O_TMPFILE = 0o20000000 | constants.O_DIRECTORY;

/* the …at calls */
export const AT_FDCWD = -100;
export const AT_SYMLINK_NOFOLLOW = 0x100;
export const AT_REMOVEDIR = 0x200;
export const AT_SYMLINK_FOLLOW = 0x400;
export const AT_NO_AUTOMOUNT = 0x800;
export const AT_EMPTY_PATH = 0x1000;

/* inode(7), the type in a mode */
export const S_IFMT = 0o170000;
export const S_IFSOCK = 0o140000;
export const S_IFLNK = 0o120000;
export const S_IFREG = 0o100000;
export const S_IFDIR = 0o40000;

/* renameat2(2) */
export const RENAME_NOREPLACE = 0x1;
export const RENAME_EXCHANGE = 0x2;
export const RENAME_WHITEOUT = 0x4;

/* setxattr(2) */
export const XATTR_CREATE = 1;
export const XATTR_REPLACE = 2;

/* memfd_create(2) */
export const MFD_CLOEXEC = 0x1;
export const MFD_ALLOW_SEALING = 0x2;
export const MFD_HUGETLB = 0x4;
export const MFD_NOEXEC_SEAL = 0x8;
export const MFD_EXEC = 0x10;

/* fcntl(2), F_ADD_SEALS */
export const F_SEAL_SEAL = 0x1;
export const F_SEAL_SHRINK = 0x2;
export const F_SEAL_GROW = 0x4;
export const F_SEAL_WRITE = 0x8;
export const F_SEAL_FUTURE_WRITE = 0x10;

/* socket(2); the numbers are those of x86-64 and arm64 */
export const AF_UNIX = 1;
export const SOCK_STREAM = 1;
export const SOCK_DGRAM = 2;
export const SOCK_SEQPACKET = 5;
export const SOCK_NONBLOCK = 0x800;
export const SOCK_CLOEXEC = 0x80000;

/* pidfd_open(2) */
export const PIDFD_NONBLOCK = 0x800;

/* prctl(2) */
export const {
	SET_PDEATHSIG: PR_SET_PDEATHSIG,
	SET_DUMPABLE: PR_SET_DUMPABLE,
	SET_KEEPCAPS: PR_SET_KEEPCAPS,
	SET_NO_NEW_PRIVS: PR_SET_NO_NEW_PRIVS,
} = PR;
export const PR_GET_PDEATHSIG = 2;
export const PR_GET_DUMPABLE = 3;
export const PR_GET_KEEPCAPS = 7;
export const PR_SET_NAME = 15;
export const PR_CAPBSET_READ = 23;
export const PR_CAPBSET_DROP = 24;
export const PR_GET_SECUREBITS = 27;
export const PR_SET_SECUREBITS = 28;
export const PR_SET_TIMERSLACK = 29;
export const PR_GET_TIMERSLACK = 30;
export const PR_SET_CHILD_SUBREAPER = 36;
export const PR_GET_CHILD_SUBREAPER = 37;
export const PR_GET_NO_NEW_PRIVS = 39;
export const PR_SET_THP_DISABLE = 41;
export const PR_GET_THP_DISABLE = 42;
export const PR_CAP_AMBIENT = 47;
export const PR_CAP_AMBIENT_IS_SET = 1;
export const PR_CAP_AMBIENT_RAISE = 2;
export const PR_CAP_AMBIENT_LOWER = 3;
export const PR_CAP_AMBIENT_CLEAR_ALL = 4;

/* capabilities(7): bit numbers */
export const CAP_CHOWN = 0;
export const CAP_DAC_OVERRIDE = 1;
export const CAP_DAC_READ_SEARCH = 2;
export const CAP_FOWNER = 3;
export const CAP_FSETID = 4;
export const CAP_KILL = 5;
export const CAP_SETGID = 6;
export const CAP_SETUID = 7;
export const CAP_SETPCAP = 8;
export const CAP_LINUX_IMMUTABLE = 9;
export const CAP_NET_BIND_SERVICE = 10;
export const CAP_NET_BROADCAST = 11;
export const CAP_NET_ADMIN = 12;
export const CAP_NET_RAW = 13;
export const CAP_IPC_LOCK = 14;
export const CAP_IPC_OWNER = 15;
export const CAP_SYS_MODULE = 16;
export const CAP_SYS_RAWIO = 17;
export const CAP_SYS_CHROOT = 18;
export const CAP_SYS_PTRACE = 19;
export const CAP_SYS_PACCT = 20;
export const CAP_SYS_ADMIN = 21;
export const CAP_SYS_BOOT = 22;
export const CAP_SYS_NICE = 23;
export const CAP_SYS_RESOURCE = 24;
export const CAP_SYS_TIME = 25;
export const CAP_SYS_TTY_CONFIG = 26;
export const CAP_MKNOD = 27;
export const CAP_LEASE = 28;
export const CAP_AUDIT_WRITE = 29;
export const CAP_AUDIT_CONTROL = 30;
export const CAP_SETFCAP = 31;
export const CAP_MAC_OVERRIDE = 32;
export const CAP_MAC_ADMIN = 33;
export const CAP_SYSLOG = 34;
export const CAP_WAKE_ALARM = 35;
export const CAP_BLOCK_SUSPEND = 36;
export const CAP_AUDIT_READ = 37;
export const CAP_PERFMON = 38;
export const CAP_BPF = 39;
export const CAP_CHECKPOINT_RESTORE = 40;
