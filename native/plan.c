/* The machine's one switch: each case is one system call, or the named sequence of its row in src/plan/op-table.ts. */
#include "plan.h"

#include <grp.h>
#include <linux/keyctl.h>
#include <linux/netlink.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <utmp.h>

static int set_namespace(const char *path, int type)
{
	cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -1 : setns(fd, type);
}

static int open_source(struct machine *machine, int number, const char *path, const char *inside)
{
	cleanup_fd int source = *path ? open(path, O_PATH | O_CLOEXEC) : machine->terminal;
	cleanup_fd int fd = source < 0 || !*inside ? -1 : in_root_open(source, inside, O_PATH, OUTSIDE_PROC);
	int found = *inside ? fd : source;

	if (!*path)
		machine->terminal = -1;
	return found < 0 || dup3(found, number, O_CLOEXEC) < 0 ? -1 : 0;
}

int execute(struct machine *m, const struct step *step)
{
	const uint64_t *arg = step->arg;
#define STR(i) plan_str(&m->plan, arg[i])
#define INT(i) ((int)arg[i])
#define BYTES(i) plan_bytes(&m->plan, arg[i])

	switch (step->op) {
	case OP_MKDIR:
		return mkdir(STR(0), (mode_t)arg[1]);
	case OP_UNLINK_LINK:
		return unlink_link(STR(0), STR(1));
	case OP_REMOVE_TREE:
		return remove_tree(STR(0));
	case OP_CHOWN:
		return lchown(STR(0), (uid_t)arg[1], (gid_t)arg[2]);
	case OP_WRITE:
		return write_path(STR(0), BYTES(1));
	case OP_CLONE:
		return clone_init(m, arg[0], NULL);
	case OP_CLONE3:
		return clone_init(m, arg[0], STR(1));
	case OP_TURN:
		return turn(m);
	case OP_WRITE_INIT:
		return write_process(m->init, STR(0), BYTES(1));
	case OP_ATTACH_INIT:
		return attach_init(m, STR(0));
	case OP_REMOVE_CGROUP:
		return cgroup_remove(STR(0), arg[1]);
	case OP_KILL_CGROUP:
		return cgroup_kill(STR(0), arg[1]);
	case OP_ATTACH_DEVICE_PROGRAM:
		return cgroup_attach_device_program(STR(0), BYTES(1));
	case OP_NETLINK:
		return netlink_request(NETLINK_ROUTE, BYTES(0));
	case OP_PIPE:
		return open_pipe(m, (int)(arg[0] % 3));
	case OP_LOG:
		return open_log(STR(0), arg[1], arg[2]);
	case OP_SUPERVISE:
		return supervise(m, INT(0), arg[1]);
	case OP_NOTICE_IF_GROWN:
		return cgroup_notice(STR(0), STR(1), BYTES(2), &m->progress->has_noticed);
	case OP_UNSHARE:
		return unshare(INT(0));
	case OP_SETNS:
		return set_namespace(STR(0), INT(1));
	case OP_OPEN_ROOT:
		return (m->root = open(STR(0), O_PATH | O_DIRECTORY | O_CLOEXEC)) < 0 ? -1 : 0;
	case OP_OPEN_SOURCE:
		return open_source(m, INT(0), STR(1), STR(2));
	case OP_MOUNT:
		return mount(STR(0), STR(1), *STR(2) ? STR(2) : NULL, arg[3], *STR(4) ? STR(4) : NULL);
	case OP_MOUNT_IN_ROOT:
		return mount_in_root(m, STR(0), STR(1), STR(2), arg[3], STR(4), arg[5]);
	case OP_MOUNT_SETATTR:
		return mount_setattr_in_root(m, STR(0), &arg[1], (unsigned int)arg[4]);
	case OP_MOUNT_IDMAPPED:
		return mount_idmapped(m, STR(0), STR(1));
	case OP_UMOUNT:
		return umount2(STR(0), INT(1));
	case OP_MKDIR_IN_ROOT:
		return in_root_make(m->root, STR(0), S_IFDIR | (mode_t)arg[1]);
	case OP_CREATE_IN_ROOT:
		return in_root_make(m->root, STR(0), S_IFREG | (mode_t)arg[1]);
	case OP_MKNOD_IN_ROOT:
		return in_root_mknod(m->root, STR(0), (mode_t)arg[1], (dev_t)arg[2], (uid_t)arg[3], (gid_t)arg[4]);
	case OP_SYMLINK_IN_ROOT:
		return in_root_symlink(m->root, STR(0), STR(1), false);
	case OP_REPLACE_LINK_IN_ROOT:
		return in_root_symlink(m->root, STR(0), STR(1), true);
	case OP_MASK_IN_ROOT:
		return mask_in_root(m, STR(0));
	case OP_READONLY_IN_ROOT:
		return readonly_in_root(m, STR(0));
	case OP_SEND_SOURCE:
		return send_source(m, step);
	case OP_SEND_MAPPED:
		return send_mapped(m, step);
	case OP_TMPFS_IN_ROOT:
		return tmpfs_in_root(m, STR(0), STR(1), arg[2], STR(3), arg[4]);
	case OP_PIVOT_ROOT:
		return pivot(m);
	case OP_CHROOT:
		return fchdir(m->root) || chroot(".") ? -1 : 0;
	case OP_MOVE_ROOT:
		return move_root(m);
	case OP_CHDIR:
		return change_directory(m, STR(0));
	case OP_SETHOSTNAME:
		return sethostname(STR(0), strlen(STR(0)));
	case OP_SETDOMAINNAME:
		return setdomainname(STR(0), strlen(STR(0)));
	case OP_OPEN_PROC:
		return open_proc(m);
	case OP_WRITE_PROC:
		return write_proc(m, STR(0), BYTES(1));
	case OP_OPEN_TERMINAL:
		return terminal_open(m, (uint16_t)arg[0], (uint16_t)arg[1], (uid_t)arg[2], arg[3]);
	case OP_CONTROLLING_TERMINAL:
		return login_tty(m->terminal);
	case OP_STANDARD_STREAM:
		return standard_stream(m, (int)(arg[0] % 3), STR(1), INT(2));
	case OP_SETSID:
		return setsid() < 0 ? -1 : 0;
	case OP_UMASK:
		umask((mode_t)arg[0]);
		return 0;
	case OP_RLIMIT:
		return setrlimit((__rlimit_resource_t)arg[0], &(struct rlimit){ .rlim_cur = arg[1], .rlim_max = arg[2] });
	case OP_PRCTL:
		if (prctl(INT(0), arg[1], arg[2], 0, 0) < 0)
			return -1;
		if (arg[0] == PR_SET_PDEATHSIG)
			end_with_supervisor(m);
		return 0;
	case OP_DROP_BOUNDING:
		return drop_bounding(arg[0]);
	case OP_CAPSET:
		return set_capabilities(arg[0], arg[1], arg[2]);
	case OP_RAISE_AMBIENT:
		return raise_ambient(arg[0]);
	case OP_SETGROUPS:
		return setgroups(BYTES(0).size / sizeof(gid_t), BYTES(0).data);
	case OP_SETRESGID:
		return setresgid((gid_t)arg[0], (gid_t)arg[0], (gid_t)arg[0]);
	case OP_SETRESUID:
		return setresuid((uid_t)arg[0], (uid_t)arg[0], (uid_t)arg[0]);
	case OP_SESSION_KEYRING:
		return syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, STR(0)) < 0 ? -1 : 0;
	case OP_SECCOMP:
		return seccomp_filter(BYTES(0), (unsigned int)arg[1]);
	case OP_CLOSE_RANGE:
		return close_all(m, (unsigned int)arg[0]);
	case OP_REAP:
		return reap(m);
	case OP_EXEC:
		return exec_first(m, step);
	case OP_OPEN_START:
		return open_start(m, STR(0));
	case OP_AWAIT_START:
		return await_start(m);
	case OP_LEAVE:
		_exit(0);
	case OP_HOOK:
		return run_hook(m, step);
	case OP_WRITE_PID:
		return write_pid(m, STR(0), STR(1));
	case OP_SEND_DESCRIPTOR:
		return send_descriptor(m, STR(0), STR(1), arg[2]);
	case OP_FIND_PROGRAM:
		return find_program(plan_strs(&m->plan, arg[0]));
	case OP_OPEN_TARGET:
		return open_target(m, (pid_t)arg[0], arg[1]);
	case OP_JOIN_TARGET:
		return setns(m->target, INT(0));
	case OP_SCHED_SETATTR:
		return (int)syscall(SYS_sched_setattr, 0, BYTES(0).data, 0);
	case OP_SCHED_SETAFFINITY:
		return sched_setaffinity(0, BYTES(0).size, BYTES(0).data);
	case OP_IOPRIO_SET:
		return (int)syscall(SYS_ioprio_set, arg[0], arg[1], arg[2]);
	case OP_PERSONALITY:
		return syscall(SYS_personality, arg[0]) < 0 ? -1 : 0;
	case OP_SET_MEMPOLICY:
		return (int)syscall(SYS_set_mempolicy, arg[0], BYTES(1).data, 8 * BYTES(1).size + 1);
	case OP_RMDIR:
		return rmdir(STR(0));
	case OP_CONNECT_AGENT:
		return (m->agent = connect_socket(STR(0))) < 0 ? -1 : 0;
	case OP_SECCOMP_NOTIFY:
		return seccomp_notify(m, step);
	case OP_MOVE_LINK:
		return move_link(m, BYTES(0));
	case OP_NETFILTER:
		return netlink_request(NETLINK_NETFILTER, BYTES(0));
	case OP_FORK_INIT:
		return fork_init(m);
	case OP_PROBE:
		m->probe = step;
		return 0;
	case OP_REQUIRE_EMPTY_CGROUP:
		return cgroup_require_empty(STR(0));
	}
	return fail(EBADMSG);
}
