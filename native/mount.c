/* Mounts below the root file system of the container, by the descriptor of their place; mounts with mapped ids; the root itself. */
#include "plan.h"

#include <limits.h>
#include <linux/mount.h>
#include <sched.h>
#include <signal.h>
#include <sys/vfs.h>
#include <sys/wait.h>

/* sys/mount.h and linux/mount.h cannot stand together in glibc 2.36. */
int mount(const char *, const char *, const char *, unsigned long, const void *);
int umount2(const char *, int);
#define MNT_DETACH 2

/* A copy of a mount, attached nowhere. */
static int copy_mount(int dir, const char *path, unsigned int flags)
{
	return (int)syscall(SYS_open_tree, dir, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | flags);
}

static int attach_mount(int tree, int dir, const char *path)
{
	unsigned int flags = MOVE_MOUNT_F_EMPTY_PATH | (*path ? 0 : MOVE_MOUNT_T_EMPTY_PATH);

	return tree < 0 ? -1 : (int)syscall(SYS_move_mount, tree, "", dir, path, flags);
}

/* Without a source: the mount that the supervisor has sent. */
static int bind_in_root(struct machine *machine, const char *source, const char *target, uint64_t resolve, unsigned int recursive)
{
	cleanup_fd int fd = in_root_open(machine->root, target, O_PATH, resolve ^ INSIDE_PROC);
	int tree = machine->terminal;

	if (*source)
		tree = fd < 0 ? -1 : copy_mount(AT_FDCWD, source, recursive);
	else
		machine->terminal = -1;
	close_fd(&machine->bound);
	machine->bound = tree;
	machine->bound_target = target;
	return fd < 0 ? -1 : attach_mount(tree, fd, "");
}

/* The newest bind mount itself where `target` is its place: whoever shares its parent may have put another one there by now. */
static int open_mounted(const struct machine *machine, const char *target, uint64_t resolve)
{
	if (machine->bound >= 0 && !strcmp(machine->bound_target, target))
		return fcntl(machine->bound, F_DUPFD_CLOEXEC, 0);
	return in_root_open(machine->root, target, O_PATH, resolve);
}

int mount_in_root(struct machine *machine, const char *source, const char *target, const char *type, unsigned long flags,
		  const char *data, uint64_t resolve)
{
	cleanup_fd int fd = -1;

	if ((flags & (MS_BIND | MS_REMOUNT)) == MS_BIND)
		return bind_in_root(machine, source, target, resolve, flags & MS_REC ? AT_RECURSIVE : 0);
	fd = *source ? in_root_open(machine->root, target, O_PATH, resolve ^ INSIDE_PROC) : open_mounted(machine, target, resolve);
	return fd < 0 ? -1 : mount(source, fd_path(fd).text, *type ? type : NULL, flags, *data ? data : NULL);
}

int mount_setattr_in_root(const struct machine *machine, const char *target, const uint64_t *attributes, unsigned int flags)
{
	struct mount_attr attr = { .attr_set = attributes[0], .attr_clr = attributes[1], .propagation = attributes[2] };
	cleanup_fd int fd = open_mounted(machine, target, 0);

	return fd < 0 ? -1 : (int)syscall(SYS_mount_setattr, fd, "", AT_EMPTY_PATH | flags, &attr, sizeof(attr));
}

int mask_in_root(struct machine *machine, const char *path)
{
	cleanup_fd int fd = in_root_open(machine->root, path, O_PATH, 0);
	cleanup_fd int null = -1;
	struct stat st;

	if (fd < 0 || fstat(fd, &st))
		return -1;
	if (S_ISDIR(st.st_mode) && machine->mask < 0) {
		if (!mount("tmpfs", fd_path(fd).text, "tmpfs", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, "nr_blocks=1,nr_inodes=1"))
			machine->mask = in_root_open(machine->root, path, O_PATH, 0);
		return machine->mask < 0 ? -1 : 0;
	}
	null = S_ISDIR(st.st_mode) ? dup(machine->mask) : open_null("/dev/null");
	return null < 0 ? -1 : mount(fd_path(null).text, fd_path(fd).text, NULL, MS_BIND, NULL);
}

int readonly_in_root(const struct machine *machine, const char *path)
{
	cleanup_fd int below = in_root_open(machine->root, path, O_PATH, 0);
	cleanup_fd int above = below < 0 ? -1 : copy_mount(below, "", AT_EMPTY_PATH | AT_RECURSIVE);
	unsigned long kept = MS_NOSUID | MS_NODEV | MS_NOEXEC;
	struct statfs fs;

	if (below < 0 || attach_mount(above, below, "") || fstatfs(above, &fs))
		return -1;
	/* ST_NOSUID and its kind are the bits of MS_NOSUID and its kind. */
	kept &= (unsigned long)fs.f_flags;
	return mount(NULL, fd_path(above).text, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY | kept, NULL);
}

/* It has the mode of the directory that it covers, where there was one. */
int tmpfs_in_root(const struct machine *machine, const char *source, const char *target, unsigned long flags, const char *data,
		  bool is_copy)
{
	cleanup_fd int below = in_root_open(machine->root, target, O_PATH | O_DIRECTORY, OUTSIDE_PROC);
	cleanup_fd int above = -1;
	char mode[16] = "", options[4096];
	struct stat st;

	if (below >= 0 && !fstat(below, &st))
		snprintf(mode, sizeof(mode), "mode=%04o,", st.st_mode & 07777);
	else if (errno == ENOENT && !in_root_make(machine->root, target, S_IFDIR | 0755))
		below = in_root_open(machine->root, target, O_PATH | O_DIRECTORY, OUTSIDE_PROC);
	if (below < 0)
		return -1;
	snprintf(options, sizeof(options), "%s%s", mode, data);
	if (mount(source, fd_path(below).text, "tmpfs", flags, options))
		return -1;
	if (!is_copy)
		return 0;
	above = in_root_open(machine->root, target, O_PATH | O_DIRECTORY, OUTSIDE_PROC);
	return copy_tree(below, above);
}

/* A copy of the mount, attached nowhere, with the ids of the user namespace. */
static int mapped_tree(const char *source, unsigned int tree_flags, unsigned int at_flags, int userns)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_IDMAP, .userns_fd = (uint64_t)userns };
	int tree = userns < 0 ? -1 : copy_mount(AT_FDCWD, source, tree_flags);

	return tree < 0 || syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH | at_flags, &attr, sizeof(attr)) ? -1 : tree;
}

/* The ids of the mount are those of init's user namespace. */
int mount_idmapped(const struct machine *machine, const char *source, const char *target)
{
	cleanup_fd int userns = open_process(machine->init, "ns/user", O_RDONLY);
	cleanup_fd int tree = mapped_tree(source, 0, 0, userns);

	return attach_mount(tree, AT_FDCWD, target);
}

/* A user namespace with these maps and no process. */
static int make_userns(const char *uids, const char *gids)
{
	const struct bytes uid_map = { uids, strlen(uids) }, gid_map = { gids, strlen(gids) };
	pid_t pid = (pid_t)syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, NULL);
	int fd = -1, error;

	if (pid == 0)
		for (;;)
			pause();
	if (pid > 0 && !write_process(pid, "uid_map", uid_map) && !write_process(pid, "gid_map", gid_map))
		fd = open_process(pid, "ns/user", O_RDONLY);
	error = errno;
	end_process(pid);
	errno = error;
	return fd;
}

/*
 * Only a process in init's mount namespace can open or copy a mount of it, and only one outside its user namespace pass through
 * private directories and map ids.
 */
static int send_place(const struct machine *machine, const struct step *step, int userns)
{
	const char *source = plan_str(&machine->plan, step->arg[0]);
	pid_t pid = fork();
	int status = 0;

	if (pid == 0) {
		int fd = setns(open_process(machine->init, "ns/mnt", O_RDONLY), CLONE_NEWNS) ? -1 :
			 userns < 0 ? open(source, O_PATH | O_CLOEXEC) :
				      mapped_tree(source, (unsigned int)step->arg[1], (unsigned int)step->arg[2], userns);

		_exit(fd < 0 || send_fd(machine->peer, "t", fd) ? errno : 0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return -1;
	return WIFEXITED(status) && !WEXITSTATUS(status) ? 0 : fail(WIFEXITED(status) ? WEXITSTATUS(status) : ECHILD);
}

int send_source(const struct machine *machine, const struct step *step)
{
	return send_place(machine, step, -1);
}

int send_mapped(const struct machine *machine, const struct step *step)
{
	const char *path = plan_str(&machine->plan, step->arg[3]);
	cleanup_fd int userns = *path ? open(path, O_RDONLY | O_CLOEXEC) :
					make_userns(plan_str(&machine->plan, step->arg[4]), plan_str(&machine->plan, step->arg[5]));

	return userns < 0 ? -1 : send_place(machine, step, userns);
}

int pivot(const struct machine *machine)
{
	cleanup_fd int old = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (old < 0 || fchdir(machine->root) || syscall(SYS_pivot_root, ".", "."))
		return -1;
	/* The old root lies on top of the new one now; as a slave its unmount stays here. */
	if (fchdir(old) || mount(NULL, ".", NULL, MS_SLAVE | MS_REC, NULL) || umount2(".", MNT_DETACH))
		return -1;
	return chdir("/");
}

int move_root(const struct machine *machine)
{
	if (fchdir(machine->root) || mount(".", "/", NULL, MS_MOVE, NULL) || chroot("."))
		return -1;
	return chdir("/");
}
