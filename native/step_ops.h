/* Generated from src/plan/op-table.ts by `npm run generate`. Do not edit. */
#ifndef TSRUN_STEP_OPS_H
#define TSRUN_STEP_OPS_H

#define PLAN_VERSION 1
#define MAX_ARGS 6
#define OP_COUNT 59

enum {
	OP_MKDIR = 1, /* path, mode */
	OP_RMDIR = 2, /* path */
	OP_UNLINK = 3, /* path */
	OP_REMOVE_TREE = 4, /* path */
	OP_CHOWN = 5, /* path, uid, gid */
	OP_WRITE = 6, /* path, data */
	OP_CLONE = 7, /* flags */
	OP_CLONE3 = 8, /* flags, cgroup */
	OP_TURN = 9, /* no arguments */
	OP_WRITE_INIT = 10, /* file, data */
	OP_ATTACH_INIT = 11, /* path */
	OP_REMOVE_CGROUP = 12, /* path, timeoutMs */
	OP_KILL_CGROUP = 13, /* path, timeoutMs */
	OP_ATTACH_DEVICE_PROGRAM = 14, /* cgroup, program */
	OP_NETLINK = 15, /* message */
	OP_PIPE = 16, /* fd */
	OP_SUPERVISE = 17, /* rawTerminal, terminalInput */
	OP_NOTICE_IF_GROWN = 18, /* path, key, notice */
	OP_UNSHARE = 19, /* flags */
	OP_SETNS = 20, /* path, type */
	OP_OPEN_ROOT = 21, /* path */
	OP_OPEN_SOURCE = 22, /* fd, path */
	OP_MOUNT = 23, /* source, target, type, flags, data */
	OP_MOUNT_IN_ROOT = 24, /* source, target, type, flags, data, resolve */
	OP_MOUNT_SETATTR = 25, /* target, set, clear, propagation, atFlags */
	OP_MOUNT_IDMAPPED = 26, /* source, target */
	OP_UMOUNT = 27, /* path, flags */
	OP_MKDIR_IN_ROOT = 28, /* path, mode */
	OP_CREATE_IN_ROOT = 29, /* path, mode */
	OP_MKNOD_IN_ROOT = 30, /* path, mode, device, uid, gid */
	OP_SYMLINK_IN_ROOT = 31, /* target, path */
	OP_MASK_IN_ROOT = 32, /* path */
	OP_OVERLAY_IN_ROOT = 33, /* target, upper, work, data */
	OP_READONLY_IN_ROOT = 34, /* path */
	OP_PIVOT_ROOT = 35, /* no arguments */
	OP_MOVE_ROOT = 36, /* no arguments */
	OP_CHDIR = 37, /* path */
	OP_SETHOSTNAME = 38, /* name */
	OP_SETDOMAINNAME = 39, /* name */
	OP_OPEN_PROC = 40, /* no arguments */
	OP_WRITE_PROC = 41, /* path, data */
	OP_OPEN_TERMINAL = 42, /* rows, columns, uid */
	OP_CONTROLLING_TERMINAL = 43, /* no arguments */
	OP_STANDARD_STREAM = 44, /* fd, path, flags */
	OP_SETSID = 45, /* no arguments */
	OP_UMASK = 46, /* mask */
	OP_RLIMIT = 47, /* resource, soft, hard */
	OP_PRCTL = 48, /* option, arg2, arg3 */
	OP_DROP_BOUNDING = 49, /* keep */
	OP_CAPSET = 50, /* effective, permitted, inheritable */
	OP_RAISE_AMBIENT = 51, /* set */
	OP_SETGROUPS = 52, /* groups */
	OP_SETRESGID = 53, /* gid */
	OP_SETRESUID = 54, /* uid */
	OP_SESSION_KEYRING = 55, /* name */
	OP_SECCOMP = 56, /* filter, flags */
	OP_CLOSE_RANGE = 57, /* first, last, flags */
	OP_REAP = 58, /* no arguments */
	OP_EXEC = 59, /* paths, argv, env */
};

/* The kind of each argument, by operation: i int, s string, b bytes, v vector of strings. Index 0 is no operation. */
static const char *const op_args[OP_COUNT + 1] = {
	"",
	[OP_MKDIR] = "si",
	[OP_RMDIR] = "s",
	[OP_UNLINK] = "s",
	[OP_REMOVE_TREE] = "s",
	[OP_CHOWN] = "sii",
	[OP_WRITE] = "sb",
	[OP_CLONE] = "i",
	[OP_CLONE3] = "is",
	[OP_TURN] = "",
	[OP_WRITE_INIT] = "sb",
	[OP_ATTACH_INIT] = "s",
	[OP_REMOVE_CGROUP] = "si",
	[OP_KILL_CGROUP] = "si",
	[OP_ATTACH_DEVICE_PROGRAM] = "sb",
	[OP_NETLINK] = "b",
	[OP_PIPE] = "i",
	[OP_SUPERVISE] = "ii",
	[OP_NOTICE_IF_GROWN] = "ssb",
	[OP_UNSHARE] = "i",
	[OP_SETNS] = "si",
	[OP_OPEN_ROOT] = "s",
	[OP_OPEN_SOURCE] = "is",
	[OP_MOUNT] = "sssis",
	[OP_MOUNT_IN_ROOT] = "sssisi",
	[OP_MOUNT_SETATTR] = "siiii",
	[OP_MOUNT_IDMAPPED] = "ss",
	[OP_UMOUNT] = "si",
	[OP_MKDIR_IN_ROOT] = "si",
	[OP_CREATE_IN_ROOT] = "si",
	[OP_MKNOD_IN_ROOT] = "siiii",
	[OP_SYMLINK_IN_ROOT] = "ss",
	[OP_MASK_IN_ROOT] = "s",
	[OP_OVERLAY_IN_ROOT] = "ssss",
	[OP_READONLY_IN_ROOT] = "s",
	[OP_PIVOT_ROOT] = "",
	[OP_MOVE_ROOT] = "",
	[OP_CHDIR] = "s",
	[OP_SETHOSTNAME] = "s",
	[OP_SETDOMAINNAME] = "s",
	[OP_OPEN_PROC] = "",
	[OP_WRITE_PROC] = "sb",
	[OP_OPEN_TERMINAL] = "iii",
	[OP_CONTROLLING_TERMINAL] = "",
	[OP_STANDARD_STREAM] = "isi",
	[OP_SETSID] = "",
	[OP_UMASK] = "i",
	[OP_RLIMIT] = "iii",
	[OP_PRCTL] = "iii",
	[OP_DROP_BOUNDING] = "i",
	[OP_CAPSET] = "iii",
	[OP_RAISE_AMBIENT] = "i",
	[OP_SETGROUPS] = "b",
	[OP_SETRESGID] = "i",
	[OP_SETRESUID] = "i",
	[OP_SESSION_KEYRING] = "s",
	[OP_SECCOMP] = "bi",
	[OP_CLOSE_RANGE] = "iii",
	[OP_REAP] = "",
	[OP_EXEC] = "vvv",
};

#endif
