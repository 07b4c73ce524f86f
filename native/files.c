/* Files of the host and of /proc that are written, and directory trees: walked by descriptor, never through a link. */
#include "plan.h"

#include <dirent.h>
#include <limits.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <sys/sendfile.h>

#define MAX_DEPTH 32

int write_fd(int fd, struct bytes bytes)
{
	ssize_t written = write(fd, bytes.data, bytes.size);

	if (written >= 0 && (size_t)written != bytes.size)
		errno = EIO;
	return written == (ssize_t)bytes.size ? 0 : -1;
}

int open_process(pid_t pid, const char *file, int flags)
{
	char path[128];

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, file);
	return open(path, flags | O_CLOEXEC);
}

int write_path(const char *path, struct bytes bytes)
{
	cleanup_fd int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);

	return fd < 0 ? -1 : write_fd(fd, bytes);
}

int write_process(pid_t pid, const char *file, struct bytes bytes)
{
	cleanup_fd int fd = open_process(pid, file, O_WRONLY | O_NOFOLLOW);

	return fd < 0 ? -1 : write_fd(fd, bytes);
}

int attach_init(const struct machine *machine, const char *path)
{
	cleanup_fd int dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	cleanup_fd int fd = dir < 0 ? -1 : openat(dir, "cgroup.procs", O_WRONLY | O_CLOEXEC);

	return fd < 0 || dprintf(fd, "%d", machine->init) < 0 ? -1 : 0;
}

int write_pid(const struct machine *machine, const char *path, const char *temporary)
{
	cleanup_fd int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);

	return fd < 0 || dprintf(fd, "%d", machine->init) < 0 ? -1 : rename(temporary, path);
}

/* A link that leads elsewhere by now belongs to somebody else. */
int unlink_link(const char *path, const char *target)
{
	char found[256];
	ssize_t length = readlink(path, found, sizeof(found));

	if (length < 0)
		return -1;
	return (size_t)length == strlen(target) && !memcmp(found, target, (size_t)length) ? unlink(path) : 0;
}

int open_proc(struct machine *machine)
{
	cleanup_fd int context = (int)syscall(SYS_fsopen, "proc", FSOPEN_CLOEXEC);

	if (context < 0 || syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		return -1;
	machine->proc = (int)syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
	return machine->proc < 0 ? -1 : 0;
}

/* Through a proc mount that nobody else can reach: no mount over it, no swap (CVE-2025-52881). */
int write_proc(const struct machine *machine, const char *path, struct bytes bytes)
{
	cleanup_fd int fd = open_resolving(machine->proc, path, O_WRONLY, RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS);

	return fd < 0 ? -1 : write_fd(fd, bytes);
}

/* Visits all that is in `dir` until one fails, and closes it. */
int each_entry(int dir, visitor *visit, int *context)
{
	DIR *stream = fdopendir(dir);
	struct dirent *entry;
	int error = 0;

	if (!stream) {
		close_fd(&dir);
		return -1;
	}
	while (!error && (entry = readdir(stream)))
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..") && visit(dirfd(stream), entry, context))
			error = errno;
	closedir(stream);
	errno = error;
	return error ? -1 : 0;
}

/* Never across a mount: what is mounted below belongs to somebody else. `context`: top and depth. */
static int remove_entry(int parent, const struct dirent *entry, int *context)
{
	const char *name = entry->d_name;
	int below[] = { context[0], context[1] + 1 };
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
	dir = open_resolving(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, RESOLVE_NO_XDEV);
	return dir < 0 || each_entry(dir, remove_entry, below) ? -1 : unlinkat(parent, name, AT_REMOVEDIR);
}

/* What lies deeper than MAX_DEPTH is moved up first: a container chose the depth, and must not exhaust stack or descriptors. */
int remove_tree(const char *path)
{
	cleanup_fd int top = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int context[] = { top, 0 };

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
static int copy_entry(int from, const struct dirent *entry, int *to)
{
	static char target[PATH_MAX];
	const char *name = entry->d_name;
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

int copy_tree(int from, int to)
{
	return each_entry(openat(from, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), copy_entry, &to);
}
