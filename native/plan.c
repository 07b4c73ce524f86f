/* The machine's one switch: each case is one system call, or the named sequence of its row in src/plan/op-table.ts. */
#include "plan.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/keyctl.h>
#include <linux/mount.h>
#include <linux/netlink.h>
#include <linux/openat2.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <sys/wait.h>

/* sys/mount.h and linux/mount.h cannot stand together in glibc 2.36. */
int mount(const char *, const char *, const char *, unsigned long, const void *);
int umount2(const char *, int);
#define MNT_DETACH 2

#define FD_PATH 32
#define MAX_DEPTH 32

static void fd_path(char *buffer, int fd)
{
	snprintf(buffer, FD_PATH, "/proc/self/fd/%d", fd);
}

static int write_fd(int fd, const void *data, size_t size)
{
	ssize_t written = write(fd, data, size);

	if (written >= 0 && (size_t)written != size)
		errno = EIO;
	return written == (ssize_t)size ? 0 : -1;
}

static int write_path(const char *path, const void *data, size_t size)
{
	cleanup_fd int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);

	return fd < 0 ? -1 : write_fd(fd, data, size);
}

static int write_process(pid_t pid, const char *file, const void *data, size_t size)
{
	char path[128];

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, file);
	return write_path(path, data, size);
}

static int attach_init(const struct machine *machine, const char *path)
{
	cleanup_fd int dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	cleanup_fd int fd = dir < 0 ? -1 : openat(dir, "cgroup.procs", O_WRONLY | O_CLOEXEC);
	char pid[16];

	return fd < 0 ? -1 : write_fd(fd, pid, (size_t)snprintf(pid, sizeof(pid), "%d", machine->init));
}

typedef int visitor(int dir, const char *name, const int *context);

/* Visits all that is in `dir` until one fails, and closes it. */
static int each_entry(int dir, visitor *visit, const int *context)
{
	DIR *stream = fdopendir(dir);
	struct dirent *entry;
	int error = 0;

	if (!stream) {
		close_fd(&dir);
		return -1;
	}
	while (!error && (entry = readdir(stream)))
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..") && visit(dirfd(stream), entry->d_name, context))
			error = errno;
	closedir(stream);
	errno = error;
	return error ? -1 : 0;
}

/* Never through a link, and never across a mount: what is mounted below belongs to somebody else. `context`: top and depth. */
static int remove_entry(int parent, const char *name, const int *context)
{
	struct open_how how = { .flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, .resolve = RESOLVE_NO_XDEV };
	const int below[] = { context[0], context[1] + 1 };
	static unsigned int moved;
	char place[32];
	int dir;

	if (!unlinkat(parent, name, 0))
		return 0;
	if (errno != EISDIR)
		return -1;
	while (context[1] == MAX_DEPTH) {
		snprintf(place, sizeof(place), ".deep-%u", moved++);
		if (!renameat(parent, name, context[0], place))
			return 0;
		if (errno != EEXIST && errno != ENOTEMPTY && errno != ENOTDIR)
			return -1;
	}
	dir = (int)syscall(SYS_openat2, parent, name, &how, sizeof(how));
	return dir < 0 || each_entry(dir, remove_entry, below) ? -1 : unlinkat(parent, name, AT_REMOVEDIR);
}

/* What lies deeper than MAX_DEPTH is moved up first: a container chose the depth, and must not exhaust stack or descriptors. */
static int remove_tree(const char *path)
{
	cleanup_fd int top = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	const int context[] = { top, 0 };

	if (top < 0)
		return errno == ENOTDIR || errno == ELOOP ? unlink(path) : -1;
	do {
		if (each_entry(openat(top, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), remove_entry, context))
			return -1;
		if (!rmdir(path))
			return 0;
	} while (errno == ENOTEMPTY);
	return -1;
}

/* With its owner, mode and contents; what is no file, directory or link is left out. */
static int copy_entry(int from, const char *name, const int *to)
{
	static char target[PATH_MAX];
	cleanup_fd int out = -1;
	struct stat st;
	ssize_t moved;
	int in;

	if (fstatat(from, name, &st, AT_SYMLINK_NOFOLLOW))
		return -1;
	if (S_ISLNK(st.st_mode)) {
		moved = readlinkat(from, name, target, sizeof(target) - 1);
		target[moved < 0 ? 0 : moved] = 0;
		return moved < 0 || symlinkat(target, *to, name) ? -1 : fchownat(*to, name, st.st_uid, st.st_gid, AT_SYMLINK_NOFOLLOW);
	}
	if (!S_ISDIR(st.st_mode) && !S_ISREG(st.st_mode))
		return 0;
	if (S_ISDIR(st.st_mode) && mkdirat(*to, name, 0700))
		return -1;
	out = openat(*to, name, (S_ISDIR(st.st_mode) ? O_RDONLY : O_WRONLY | O_CREAT | O_EXCL) | O_NOFOLLOW | O_CLOEXEC, 0600);
	in = out < 0 ? -1 : openat(from, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (in < 0)
		return -1;
	if (S_ISDIR(st.st_mode)) {
		moved = each_entry(in, copy_entry, &out);
	} else {
		do
			moved = sendfile(out, in, NULL, 1 << 30);
		while (moved > 0);
		close(in);
	}
	return moved || fchown(out, st.st_uid, st.st_gid) ? -1 : fchmod(out, st.st_mode & 07777);
}

/* A link that leads elsewhere by now belongs to somebody else. */
static int unlink_link(const char *path, const char *target)
{
	char found[256];
	ssize_t length = readlink(path, found, sizeof(found));

	if (length < 0)
		return -1;
	return (size_t)length == strlen(target) && !memcmp(found, target, (size_t)length) ? unlink(path) : 0;
}

static int set_namespace(const char *path, int type)
{
	cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -1 : setns(fd, type);
}

/* Sends one request and reads its acknowledgement (rtnetlink(7)); the kernel's error becomes errno. */
static int netlink_request(const void *message, size_t size)
{
	cleanup_fd int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	struct {
		struct nlmsghdr header;
		struct nlmsgerr error;
		char rest[512];
	} reply;
	ssize_t length;

	if (fd < 0 || send(fd, message, size, 0) != (ssize_t)size)
		return -1;
	length = recv(fd, &reply, sizeof(reply), 0);
	if (length < 0)
		return -1;
	if (length < (ssize_t)(sizeof(reply.header) + sizeof(reply.error.error)) || reply.header.nlmsg_type != NLMSG_ERROR) {
		errno = EPROTO;
		return -1;
	}
	errno = -reply.error.error;
	return errno ? -1 : 0;
}

/* Into the network namespace of init: its pid, which no plan knows, is the last word of the message. */
static int move_link(const struct machine *machine, const void *message, size_t size)
{
	char copy[256];

	if (size < sizeof(machine->init) || size > sizeof(copy)) {
		errno = EBADMSG;
		return -1;
	}
	memcpy(copy, message, size);
	memcpy(copy + size - sizeof(machine->init), &machine->init, sizeof(machine->init));
	return netlink_request(copy, size);
}

static int open_source(int number, const char *path)
{
	cleanup_fd int fd = open(path, O_PATH | O_CLOEXEC);

	return fd < 0 || dup3(fd, number, O_CLOEXEC) < 0 ? -1 : 0;
}

/* Without a source: the mount that the supervisor has sent. */
static int bind_in_root(struct machine *machine, const char *source, const char *target, uint64_t resolve, unsigned int recursive)
{
	cleanup_fd int fd = in_root_open(machine->root, target, O_PATH, resolve ^ INSIDE_PROC);
	int tree = machine->terminal;

	if (*source)
		tree = fd < 0 ? -1 : (int)syscall(SYS_open_tree, AT_FDCWD, source, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | recursive);
	else
		machine->terminal = -1;
	close_fd(&machine->bound);
	machine->bound = tree;
	machine->bound_target = target;
	if (fd < 0 || tree < 0)
		return -1;
	return (int)syscall(SYS_move_mount, tree, "", fd, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
}

/* The newest bind mount itself where `target` is its place: whoever shares its parent may have put another one there by now. */
static int open_mounted(const struct machine *machine, const char *target, uint64_t resolve)
{
	if (machine->bound >= 0 && !strcmp(machine->bound_target, target))
		return fcntl(machine->bound, F_DUPFD_CLOEXEC, 0);
	return in_root_open(machine->root, target, O_PATH, resolve);
}

static int mount_in_root(struct machine *machine, const char *source, const char *target, const char *type, unsigned long flags,
			 const char *data, uint64_t resolve)
{
	cleanup_fd int fd = -1;
	char path[FD_PATH];

	if ((flags & (MS_BIND | MS_REMOUNT)) == MS_BIND)
		return bind_in_root(machine, source, target, resolve, flags & MS_REC ? AT_RECURSIVE : 0);
	fd = *source ? in_root_open(machine->root, target, O_PATH, resolve ^ INSIDE_PROC) : open_mounted(machine, target, resolve);
	if (fd < 0)
		return -1;
	fd_path(path, fd);
	return mount(source, path, *type ? type : NULL, flags, *data ? data : NULL);
}

static int mount_setattr_in_root(const struct machine *machine, const char *target, const struct mount_attr *attr, unsigned int flags)
{
	cleanup_fd int fd = open_mounted(machine, target, 0);

	return fd < 0 ? -1 : (int)syscall(SYS_mount_setattr, fd, "", AT_EMPTY_PATH | flags, attr, sizeof(*attr));
}

/* A copy of the mount, attached nowhere, with the ids of the user namespace. */
static int mapped_tree(const char *source, unsigned int tree_flags, unsigned int at_flags, int userns)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_IDMAP, .userns_fd = (uint64_t)userns };
	int tree = userns < 0 ? -1 : (int)syscall(SYS_open_tree, AT_FDCWD, source, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | tree_flags);

	return tree < 0 || syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH | at_flags, &attr, sizeof(attr)) ? -1 : tree;
}

static int open_namespace(pid_t pid, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/ns/%s", pid, name);
	return open(path, O_RDONLY | O_CLOEXEC);
}

/* The ids of the mount are those of init's user namespace. */
static int mount_idmapped(const struct machine *machine, const char *source, const char *target)
{
	cleanup_fd int userns = open_namespace(machine->init, "user");
	cleanup_fd int tree = mapped_tree(source, 0, 0, userns);

	return tree < 0 ? -1 : (int)syscall(SYS_move_mount, tree, "", AT_FDCWD, target, MOVE_MOUNT_F_EMPTY_PATH);
}

/* A user namespace with these maps and no process. */
static int make_userns(const char *uids, const char *gids)
{
	pid_t pid = (pid_t)syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, NULL);
	int fd = -1, error;

	if (pid == 0)
		for (;;)
			pause();
	if (pid > 0 && !write_process(pid, "uid_map", uids, strlen(uids)) && !write_process(pid, "gid_map", gids, strlen(gids)))
		fd = open_namespace(pid, "user");
	error = errno;
	if (pid > 0)
		kill(pid, SIGKILL), waitpid(pid, NULL, 0);
	errno = error;
	return fd;
}

/* Only a process in init's mount namespace can copy a mount of it, and only one outside its user namespace map the ids. */
static int send_mapped(const struct machine *machine, const struct step *step)
{
	const char *source = plan_str(&machine->plan, step->arg[0]), *path = plan_str(&machine->plan, step->arg[3]);
	cleanup_fd int userns = *path ? open(path, O_RDONLY | O_CLOEXEC) :
					make_userns(plan_str(&machine->plan, step->arg[4]), plan_str(&machine->plan, step->arg[5]));
	pid_t pid = userns < 0 ? -1 : fork();
	int status = 0;

	if (pid == 0) {
		int tree = setns(open_namespace(machine->init, "mnt"), CLONE_NEWNS) ? -1 :
			   mapped_tree(source, (unsigned int)step->arg[1], (unsigned int)step->arg[2], userns);

		_exit(tree < 0 || send_fd(machine->peer, "t", tree) ? errno : 0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return -1;
	errno = WIFEXITED(status) ? WEXITSTATUS(status) : ECHILD;
	return errno ? -1 : 0;
}

static bool is_null_device(int fd)
{
	struct stat st;

	if (fd < 0 || fstat(fd, &st))
		return false;
	errno = ENODEV;
	return S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3);
}

/* The source of a masked file must be the null device itself (CVE-2025-31133). */
static int mask_in_root(const struct machine *machine, const char *path)
{
	cleanup_fd int fd = in_root_open(machine->root, path, O_PATH, 0);
	cleanup_fd int null = -1;
	char from[FD_PATH], to[FD_PATH];
	struct stat st;

	if (fd < 0 || fstat(fd, &st))
		return -1;
	fd_path(to, fd);
	if (S_ISDIR(st.st_mode))
		return mount("tmpfs", to, "tmpfs", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, "nr_blocks=1,nr_inodes=1");
	null = open("/dev/null", O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (!is_null_device(null))
		return -1;
	fd_path(from, null);
	return mount(from, to, NULL, MS_BIND, NULL);
}

static int readonly_in_root(const struct machine *machine, const char *path)
{
	cleanup_fd int below = in_root_open(machine->root, path, O_PATH, 0);
	cleanup_fd int above = -1;
	char name[FD_PATH];
	struct statfs fs;

	if (below < 0)
		return -1;
	fd_path(name, below);
	if (mount(name, name, NULL, MS_BIND | MS_REC, NULL))
		return -1;
	above = in_root_open(machine->root, path, O_PATH, 0);
	if (above < 0 || fstatfs(above, &fs))
		return -1;
	fd_path(name, above);
	/* ST_NOSUID and its kind are the bits of MS_NOSUID and its kind. */
	return mount(NULL, name, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY | ((unsigned long)fs.f_flags & (MS_NOSUID | MS_NODEV | MS_NOEXEC)), NULL);
}

/* The directory is its own lower layer: what the image has there is seen, what is written goes to `upper`. */
static int overlay_in_root(const struct machine *machine, const char *target, const char *upper, const char *work, const char *data)
{
	cleanup_fd int fd = in_root_open(machine->root, target, O_PATH | O_DIRECTORY, 0);
	char path[FD_PATH], options[4096];

	if (fd < 0)
		return -1;
	fd_path(path, fd);
	if (snprintf(options, sizeof(options), "lowerdir=%s,upperdir=%s,workdir=%s%s", path, upper, work, data) >= (int)sizeof(options)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return mount("overlay", path, "overlay", 0, options);
}

/* It has the mode of the directory that it covers, where there was one. */
static int tmpfs_in_root(const struct machine *machine, const char *source, const char *target, unsigned long flags, const char *data,
			 bool is_copy)
{
	cleanup_fd int below = in_root_open(machine->root, target, O_PATH | O_DIRECTORY, OUTSIDE_PROC);
	cleanup_fd int above = -1;
	char path[FD_PATH], mode[16] = "", options[4096];
	struct stat st;

	if (below >= 0 && !fstat(below, &st))
		snprintf(mode, sizeof(mode), "mode=%04o,", st.st_mode & 07777);
	else if (errno == ENOENT && !in_root_mkdir(machine->root, target, 0755))
		below = in_root_open(machine->root, target, O_PATH | O_DIRECTORY, OUTSIDE_PROC);
	if (below < 0)
		return -1;
	snprintf(options, sizeof(options), "%s%s", mode, data);
	fd_path(path, below);
	if (mount(source, path, "tmpfs", flags, options))
		return -1;
	above = is_copy ? in_root_open(machine->root, target, O_PATH | O_DIRECTORY, OUTSIDE_PROC) : -1;
	return is_copy ? each_entry(openat(below, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), copy_entry, &above) : 0;
}

static int pivot(const struct machine *machine)
{
	cleanup_fd int old = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (old < 0 || fchdir(machine->root) || syscall(SYS_pivot_root, ".", "."))
		return -1;
	/* The old root lies on top of the new one now; as a slave its unmount stays here. */
	if (fchdir(old) || mount(NULL, ".", NULL, MS_SLAVE | MS_REC, NULL) || umount2(".", MNT_DETACH))
		return -1;
	return chdir("/");
}

static int move_root(const struct machine *machine)
{
	if (fchdir(machine->root) || mount(".", "/", NULL, MS_MOVE, NULL) || chroot("."))
		return -1;
	return chdir("/");
}

/* A magic link would lead to whatever a descriptor of ours holds (CVE-2024-21626). */
static int change_directory(const struct machine *machine, const char *path)
{
	struct open_how how = { .flags = O_PATH | O_DIRECTORY | O_CLOEXEC, .resolve = RESOLVE_NO_MAGICLINKS };
	cleanup_fd int fd = *path ? (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how)) : dup(machine->root);

	return fd < 0 ? -1 : fchdir(fd);
}

static int open_proc(struct machine *machine)
{
	cleanup_fd int context = (int)syscall(SYS_fsopen, "proc", FSOPEN_CLOEXEC);

	if (context < 0 || syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		return -1;
	machine->proc = (int)syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
	return machine->proc < 0 ? -1 : 0;
}

/* Through a proc mount that nobody else can reach: no mount over it, no swap (CVE-2025-52881). */
static int write_proc(const struct machine *machine, const char *path, const void *data, size_t size)
{
	struct open_how how = {
		.flags = O_WRONLY | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS,
	};
	cleanup_fd int fd = (int)syscall(SYS_openat2, machine->proc, path, &how, sizeof(how));

	return fd < 0 ? -1 : write_fd(fd, data, size);
}

/* A path is /dev/null: what a volume on /dev may have there instead is not opened with the rights of root. */
static int standard_stream(const struct machine *machine, int fd, const char *path, int flags)
{
	cleanup_fd int found = -1;
	cleanup_fd int opened = -1;
	char name[FD_PATH];

	if (!*path)
		return dup2(machine->stream[fd].child, fd) < 0 ? -1 : 0;
	found = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (!is_null_device(found))
		return -1;
	fd_path(name, found);
	opened = open(name, flags | O_NOCTTY | O_CLOEXEC);
	return opened < 0 || dup2(opened, fd) < 0 ? -1 : 0;
}

static int drop_bounding(uint64_t keep)
{
	for (int capability = 0; capability < 64; capability++) {
		if (keep >> capability & 1)
			continue;
		if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0))
			return errno == EINVAL ? 0 : -1; /* past the last capability */
	}
	return 0;
}

static int raise_ambient(uint64_t set)
{
	for (int capability = 0; capability < 64; capability++)
		if ((set >> capability & 1) && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0))
			return -1;
	return 0;
}

static int set_capabilities(uint64_t effective, uint64_t permitted, uint64_t inheritable)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = {
		{ (uint32_t)effective, (uint32_t)permitted, (uint32_t)inheritable },
		{ (uint32_t)(effective >> 32), (uint32_t)(permitted >> 32), (uint32_t)(inheritable >> 32) },
	};

	return (int)syscall(SYS_capset, &header, data);
}

int seccomp_filter(const void *filter, size_t size, unsigned int flags)
{
	struct sock_fprog program = {
		.len = (unsigned short)(size / sizeof(struct sock_filter)),
		.filter = (struct sock_filter *)filter,
	};

	return (int)syscall(SYS_seccomp, 1 /* SECCOMP_SET_MODE_FILTER */, flags, &program);
}

/* All from `first` on but what init still needs, which exec closes. */
static int close_all(const struct machine *machine, unsigned int first, unsigned int flags)
{
	const int kept[] = { machine->peer, machine->start, machine->agent, INT_MAX };

	for (;;) {
		int next = INT_MAX;

		for (size_t i = 0; i < sizeof(kept) / sizeof(*kept); i++)
			if (kept[i] >= (int)first && kept[i] < next)
				next = kept[i];
		if ((unsigned int)next > first && syscall(SYS_close_range, first, (unsigned int)next - 1, flags))
			return -1;
		if (next == INT_MAX)
			return 0;
		first = (unsigned int)next + 1;
	}
}

/* As execvp(3) walks PATH: what cannot be executed is passed over, and remembered if nothing else is found. */
static int exec_first(const struct machine *machine, const struct step *step)
{
	char **paths = plan_strs(&machine->plan, step->arg[0]);
	char **argv = plan_strs(&machine->plan, step->arg[1]);
	char **env = plan_strs(&machine->plan, step->arg[2]);
	sigset_t none;
	int error = ENOENT;

	if (!paths || !argv || !env)
		return -1;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	machine->progress->started = now();
	for (; *paths; paths++) {
		execve(*paths, argv, env);
		error = errno == EACCES || error == EACCES ? EACCES : errno;
		if (errno != ENOENT && errno != ENOTDIR && errno != EACCES) {
			error = errno;
			break;
		}
	}
	machine->progress->started = 0;
	errno = error;
	return -1;
}

static int execute(struct machine *m, const struct step *step)
{
	const uint64_t *arg = step->arg;
	size_t size;
	const void *bytes;
#define STR(i) plan_str(&m->plan, arg[i])
#define INT(i) ((int)arg[i])
#define BYTES(i) (bytes = plan_bytes(&m->plan, arg[i], &size))

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
		BYTES(1);
		return write_path(STR(0), bytes, size);
	case OP_CLONE:
		return clone_init(m, arg[0], NULL);
	case OP_CLONE3:
		return clone_init(m, arg[0], STR(1));
	case OP_TURN:
		return turn(m);
	case OP_WRITE_INIT:
		BYTES(1);
		return write_process(m->init, STR(0), bytes, size);
	case OP_ATTACH_INIT:
		return attach_init(m, STR(0));
	case OP_REMOVE_CGROUP:
		return cgroup_remove(STR(0), arg[1]);
	case OP_KILL_CGROUP:
		return cgroup_kill(STR(0), arg[1]);
	case OP_ATTACH_DEVICE_PROGRAM:
		BYTES(1);
		return cgroup_attach_device_program(STR(0), bytes, size);
	case OP_NETLINK:
		BYTES(0);
		return netlink_request(bytes, size);
	case OP_PIPE: {
		int ends[2], fd = (int)(arg[0] % 3);

		if (pipe2(ends, O_CLOEXEC))
			return -1;
		m->stream[fd] = (struct stream){ .child = ends[fd != 0], .parent = ends[fd == 0] };
		return 0;
	}
	case OP_SUPERVISE:
		return supervise(m, INT(0), arg[1]);
	case OP_NOTICE_IF_GROWN:
		BYTES(2);
		return cgroup_notice(STR(0), STR(1), bytes, size);
	case OP_UNSHARE:
		return unshare(INT(0));
	case OP_SETNS:
		return set_namespace(STR(0), INT(1));
	case OP_OPEN_ROOT:
		return (m->root = open(STR(0), O_PATH | O_DIRECTORY | O_CLOEXEC)) < 0 ? -1 : 0;
	case OP_OPEN_SOURCE:
		return open_source(INT(0), STR(1));
	case OP_MOUNT:
		return mount(STR(0), STR(1), *STR(2) ? STR(2) : NULL, arg[3], *STR(4) ? STR(4) : NULL);
	case OP_MOUNT_IN_ROOT:
		return mount_in_root(m, STR(0), STR(1), STR(2), arg[3], STR(4), arg[5]);
	case OP_MOUNT_SETATTR: {
		struct mount_attr attr = { .attr_set = arg[1], .attr_clr = arg[2], .propagation = arg[3] };

		return mount_setattr_in_root(m, STR(0), &attr, (unsigned int)arg[4]);
	}
	case OP_MOUNT_IDMAPPED:
		return mount_idmapped(m, STR(0), STR(1));
	case OP_UMOUNT:
		return umount2(STR(0), INT(1));
	case OP_MKDIR_IN_ROOT:
		return in_root_mkdir(m->root, STR(0), (mode_t)arg[1]);
	case OP_CREATE_IN_ROOT:
		return in_root_create(m->root, STR(0), (mode_t)arg[1]);
	case OP_MKNOD_IN_ROOT:
		return in_root_mknod(m->root, STR(0), (mode_t)arg[1], (dev_t)arg[2], (uid_t)arg[3], (gid_t)arg[4]);
	case OP_SYMLINK_IN_ROOT:
		return in_root_symlink(m->root, STR(0), STR(1), false);
	case OP_REPLACE_LINK_IN_ROOT:
		return in_root_symlink(m->root, STR(0), STR(1), true);
	case OP_MASK_IN_ROOT:
		return mask_in_root(m, STR(0));
	case OP_OVERLAY_IN_ROOT:
		return overlay_in_root(m, STR(0), STR(1), STR(2), STR(3));
	case OP_READONLY_IN_ROOT:
		return readonly_in_root(m, STR(0));
	case OP_SEND_MAPPED:
		return send_mapped(m, step);
	case OP_TMPFS_IN_ROOT:
		return tmpfs_in_root(m, STR(0), STR(1), arg[2], STR(3), arg[4]);
	case OP_PIVOT_ROOT:
		return pivot(m);
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
		BYTES(1);
		return write_proc(m, STR(0), bytes, size);
	case OP_OPEN_TERMINAL:
		return terminal_open(m, (uint16_t)arg[0], (uint16_t)arg[1], (uid_t)arg[2], arg[3]);
	case OP_CONTROLLING_TERMINAL:
		return terminal_control(m);
	case OP_STANDARD_STREAM:
		return standard_stream(m, (int)(arg[0] % 3), STR(1), INT(2));
	case OP_SETSID:
		return setsid() < 0 ? -1 : 0;
	case OP_UMASK:
		umask((mode_t)arg[0]);
		return 0;
	case OP_RLIMIT: {
		struct rlimit limit = { .rlim_cur = arg[1], .rlim_max = arg[2] };

		return setrlimit((__rlimit_resource_t)arg[0], &limit);
	}
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
		BYTES(0);
		return setgroups(size / sizeof(gid_t), bytes);
	case OP_SETRESGID:
		return setresgid((gid_t)arg[0], (gid_t)arg[0], (gid_t)arg[0]);
	case OP_SETRESUID:
		return setresuid((uid_t)arg[0], (uid_t)arg[0], (uid_t)arg[0]);
	case OP_SESSION_KEYRING:
		return syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, STR(0)) < 0 ? -1 : 0;
	case OP_SECCOMP:
		BYTES(0);
		return seccomp_filter(bytes, size, (unsigned int)arg[1]);
	case OP_CLOSE_RANGE:
		return close_all(m, 3 + m->preserved, (unsigned int)arg[0]);
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
		BYTES(0);
		return (int)syscall(SYS_sched_setattr, 0, bytes, 0);
	case OP_SCHED_SETAFFINITY:
		BYTES(0);
		return sched_setaffinity(0, size, bytes);
	case OP_IOPRIO_SET:
		return (int)syscall(SYS_ioprio_set, arg[0], arg[1], arg[2]);
	case OP_PERSONALITY:
		return syscall(SYS_personality, arg[0]) < 0 ? -1 : 0;
	case OP_SET_MEMPOLICY:
		BYTES(1);
		return (int)syscall(SYS_set_mempolicy, arg[0], bytes, 8 * size + 1);
	case OP_RMDIR:
		return rmdir(STR(0));
	case OP_CONNECT_AGENT:
		return (m->agent = connect_socket(STR(0))) < 0 ? -1 : 0;
	case OP_SECCOMP_NOTIFY:
		return seccomp_notify(m, step);
	case OP_MOVE_LINK:
		BYTES(0);
		return move_link(m, bytes, size);
	case OP_FORK_INIT:
		return fork_init(m);
	case OP_REQUIRE_EMPTY_CGROUP:
		return cgroup_require_empty(STR(0));
	}
	errno = EBADMSG;
	return -1;
}

int run_step(struct machine *machine, const struct step *step)
{
	int error;

	if (!execute(machine, step))
		return 0;
	error = errno;
	for (int i = 0; i < MAX_TOLERATED; i++)
		if (step->tolerate[i] == error)
			return 0;
	return error;
}

int run_list(struct machine *machine, enum list list)
{
	struct progress *progress = machine->progress;

	for (uint32_t i = 0; i < machine->plan.header->count[list]; i++) {
		const struct step *step = &machine->plan.steps[list][i];
		int error;

		if (list == LIST_TEARDOWN && step->after > progress->begun[LIST_SETUP])
			continue;
		progress->begun[list] = i + 1;
		error = run_step(machine, step);
		if (!error)
			continue;
		if (progress->failed_list < 0) {
			progress->failed_step = i;
			progress->failed_errno = error;
			progress->failed_list = (int32_t)list;
		}
		return error;
	}
	return 0;
}
