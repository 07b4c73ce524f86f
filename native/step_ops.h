/* Generated from src/plan/op-table.ts by `npm run generate`. Do not edit. */
#ifndef TSRUN_STEP_OPS_H
#define TSRUN_STEP_OPS_H

#define PLAN_VERSION 4
#define MAX_ARGS 6
#define OP_COUNT 85

/* OP(name, kind of each argument: i int, s string, b bytes, v vector of strings); the numbers begin at 1. The table names the arguments. */
#define FOR_EACH_OP(OP) \
	OP(OP_MKDIR, "si") OP(OP_UNLINK_LINK, "ss") OP(OP_REMOVE_TREE, "s") OP(OP_CHOWN, "sii") \
	OP(OP_WRITE, "sb") OP(OP_CLONE, "i") OP(OP_CLONE3, "is") OP(OP_TURN, "") \
	OP(OP_WRITE_INIT, "sb") OP(OP_ATTACH_INIT, "s") OP(OP_REMOVE_CGROUP, "si") OP(OP_KILL_CGROUP, "si") \
	OP(OP_ATTACH_DEVICE_PROGRAM, "sb") OP(OP_NETLINK, "b") OP(OP_PIPE, "i") OP(OP_SUPERVISE, "ii") \
	OP(OP_NOTICE_IF_GROWN, "ssb") OP(OP_UNSHARE, "i") OP(OP_SETNS, "si") OP(OP_OPEN_ROOT, "s") \
	OP(OP_OPEN_SOURCE, "iss") OP(OP_MOUNT, "sssis") OP(OP_MOUNT_IN_ROOT, "sssisi") OP(OP_MOUNT_SETATTR, "siiii") \
	OP(OP_MOUNT_IDMAPPED, "ss") OP(OP_UMOUNT, "si") OP(OP_MKDIR_IN_ROOT, "si") OP(OP_CREATE_IN_ROOT, "si") \
	OP(OP_MKNOD_IN_ROOT, "siiii") OP(OP_SYMLINK_IN_ROOT, "ss") OP(OP_MASK_IN_ROOT, "s") OP(OP_READONLY_IN_ROOT, "s") \
	OP(OP_PIVOT_ROOT, "") OP(OP_MOVE_ROOT, "") OP(OP_CHDIR, "s") OP(OP_SETHOSTNAME, "s") \
	OP(OP_SETDOMAINNAME, "s") OP(OP_OPEN_PROC, "") OP(OP_WRITE_PROC, "sb") OP(OP_OPEN_TERMINAL, "iiii") \
	OP(OP_CONTROLLING_TERMINAL, "") OP(OP_STANDARD_STREAM, "isi") OP(OP_SETSID, "") OP(OP_UMASK, "i") \
	OP(OP_RLIMIT, "iii") OP(OP_PRCTL, "iii") OP(OP_DROP_BOUNDING, "i") OP(OP_CAPSET, "iii") \
	OP(OP_RAISE_AMBIENT, "i") OP(OP_SETGROUPS, "b") OP(OP_SETRESGID, "i") OP(OP_SETRESUID, "i") \
	OP(OP_SESSION_KEYRING, "s") OP(OP_SECCOMP, "bi") OP(OP_CLOSE_RANGE, "i") OP(OP_REAP, "") \
	OP(OP_EXEC, "vvv") OP(OP_OPEN_START, "s") OP(OP_AWAIT_START, "") OP(OP_LEAVE, "") \
	OP(OP_HOOK, "svvbbi") OP(OP_WRITE_PID, "ss") OP(OP_SEND_DESCRIPTOR, "ssi") OP(OP_FIND_PROGRAM, "v") \
	OP(OP_OPEN_TARGET, "ii") OP(OP_JOIN_TARGET, "i") OP(OP_SCHED_SETATTR, "b") OP(OP_SCHED_SETAFFINITY, "b") \
	OP(OP_IOPRIO_SET, "iii") OP(OP_PERSONALITY, "i") OP(OP_SET_MEMPOLICY, "ib") OP(OP_FORK_INIT, "") \
	OP(OP_REQUIRE_EMPTY_CGROUP, "s") OP(OP_RMDIR, "s") OP(OP_CONNECT_AGENT, "s") OP(OP_SECCOMP_NOTIFY, "biv") \
	OP(OP_MOVE_LINK, "b") OP(OP_TMPFS_IN_ROOT, "ssisi") OP(OP_SEND_MAPPED, "siisss") OP(OP_REPLACE_LINK_IN_ROOT, "ss") \
	OP(OP_CHROOT, "") OP(OP_SEND_SOURCE, "s") OP(OP_NETFILTER, "b") OP(OP_LOG, "sii") \
	OP(OP_PROBE, "bsiii")

#define OP_NAME(name, kinds) name,
enum { OP_NONE, FOR_EACH_OP(OP_NAME) };

#define OP_KINDS(name, kinds) kinds,
static const char *const op_args[OP_COUNT + 1] = { "", FOR_EACH_OP(OP_KINDS) };

#endif
