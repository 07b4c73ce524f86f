/* Generated from src/plan/op-table.ts by `npm run generate`. Do not edit. */
#ifndef TSRUN_STEP_OPS_H
#define TSRUN_STEP_OPS_H

#define PLAN_VERSION 1
#define MAX_ARGS 6
#define OP_COUNT 59

/* OP(name, kind of each argument: i int, s string, b bytes, v vector of strings); the numbers begin at 1. */
#define FOR_EACH_OP(OP) \
	OP(OP_MKDIR, "si") /* 1: path, mode */ \
	OP(OP_RMDIR, "s") /* 2: path */ \
	OP(OP_UNLINK, "s") /* 3: path */ \
	OP(OP_REMOVE_TREE, "s") /* 4: path */ \
	OP(OP_CHOWN, "sii") /* 5: path, uid, gid */ \
	OP(OP_WRITE, "sb") /* 6: path, data */ \
	OP(OP_CLONE, "i") /* 7: flags */ \
	OP(OP_CLONE3, "is") /* 8: flags, cgroup */ \
	OP(OP_TURN, "") /* 9: no arguments */ \
	OP(OP_WRITE_INIT, "sb") /* 10: file, data */ \
	OP(OP_ATTACH_INIT, "s") /* 11: path */ \
	OP(OP_REMOVE_CGROUP, "si") /* 12: path, timeoutMs */ \
	OP(OP_KILL_CGROUP, "si") /* 13: path, timeoutMs */ \
	OP(OP_ATTACH_DEVICE_PROGRAM, "sb") /* 14: cgroup, program */ \
	OP(OP_NETLINK, "b") /* 15: message */ \
	OP(OP_PIPE, "i") /* 16: fd */ \
	OP(OP_SUPERVISE, "ii") /* 17: rawTerminal, terminalInput */ \
	OP(OP_NOTICE_IF_GROWN, "ssb") /* 18: path, key, notice */ \
	OP(OP_UNSHARE, "i") /* 19: flags */ \
	OP(OP_SETNS, "si") /* 20: path, type */ \
	OP(OP_OPEN_ROOT, "s") /* 21: path */ \
	OP(OP_OPEN_SOURCE, "is") /* 22: fd, path */ \
	OP(OP_MOUNT, "sssis") /* 23: source, target, type, flags, data */ \
	OP(OP_MOUNT_IN_ROOT, "sssisi") /* 24: source, target, type, flags, data, resolve */ \
	OP(OP_MOUNT_SETATTR, "siiii") /* 25: target, set, clear, propagation, atFlags */ \
	OP(OP_MOUNT_IDMAPPED, "ss") /* 26: source, target */ \
	OP(OP_UMOUNT, "si") /* 27: path, flags */ \
	OP(OP_MKDIR_IN_ROOT, "si") /* 28: path, mode */ \
	OP(OP_CREATE_IN_ROOT, "si") /* 29: path, mode */ \
	OP(OP_MKNOD_IN_ROOT, "siiii") /* 30: path, mode, device, uid, gid */ \
	OP(OP_SYMLINK_IN_ROOT, "ss") /* 31: target, path */ \
	OP(OP_MASK_IN_ROOT, "s") /* 32: path */ \
	OP(OP_OVERLAY_IN_ROOT, "ssss") /* 33: target, upper, work, data */ \
	OP(OP_READONLY_IN_ROOT, "s") /* 34: path */ \
	OP(OP_PIVOT_ROOT, "") /* 35: no arguments */ \
	OP(OP_MOVE_ROOT, "") /* 36: no arguments */ \
	OP(OP_CHDIR, "s") /* 37: path */ \
	OP(OP_SETHOSTNAME, "s") /* 38: name */ \
	OP(OP_SETDOMAINNAME, "s") /* 39: name */ \
	OP(OP_OPEN_PROC, "") /* 40: no arguments */ \
	OP(OP_WRITE_PROC, "sb") /* 41: path, data */ \
	OP(OP_OPEN_TERMINAL, "iii") /* 42: rows, columns, uid */ \
	OP(OP_CONTROLLING_TERMINAL, "") /* 43: no arguments */ \
	OP(OP_STANDARD_STREAM, "isi") /* 44: fd, path, flags */ \
	OP(OP_SETSID, "") /* 45: no arguments */ \
	OP(OP_UMASK, "i") /* 46: mask */ \
	OP(OP_RLIMIT, "iii") /* 47: resource, soft, hard */ \
	OP(OP_PRCTL, "iii") /* 48: option, arg2, arg3 */ \
	OP(OP_DROP_BOUNDING, "i") /* 49: keep */ \
	OP(OP_CAPSET, "iii") /* 50: effective, permitted, inheritable */ \
	OP(OP_RAISE_AMBIENT, "i") /* 51: set */ \
	OP(OP_SETGROUPS, "b") /* 52: groups */ \
	OP(OP_SETRESGID, "i") /* 53: gid */ \
	OP(OP_SETRESUID, "i") /* 54: uid */ \
	OP(OP_SESSION_KEYRING, "s") /* 55: name */ \
	OP(OP_SECCOMP, "bi") /* 56: filter, flags */ \
	OP(OP_CLOSE_RANGE, "iii") /* 57: first, last, flags */ \
	OP(OP_REAP, "") /* 58: no arguments */ \
	OP(OP_EXEC, "vvv") /* 59: paths, argv, env */

#define OP_NAME(name, kinds) name,
enum { OP_NONE, FOR_EACH_OP(OP_NAME) };

#define OP_KINDS(name, kinds) kinds,
static const char *const op_args[OP_COUNT + 1] = { "", FOR_EACH_OP(OP_KINDS) };

#endif
