/*
 * Paths inside a root file system that somebody else filled. Every path is resolved by the kernel at the moment of use,
 * below `root` (openat2(2), RESOLVE_IN_ROOT): a symlink of an image never leads to the host, also when it is swapped meanwhile.
 */
#include "plan.h"

#include <linux/magic.h>
#include <linux/openat2.h>
#include <sys/vfs.h>

#define MAX_LINKS 40
#define MAX_TRIES 128

int open_resolving(int dir, const char *path, int flags, uint64_t resolve)
{
	struct open_how how = { .flags = (uint64_t)(flags | O_CLOEXEC), .resolve = resolve };

	return (int)syscall(SYS_openat2, dir, path, &how, sizeof(how));
}

int in_root_open(int root, const char *path, int flags, uint64_t resolve)
{
	struct statfs fs;
	int fd, tries = MAX_TRIES;

	/* The kernel gives up on ".." when anything on the machine is renamed meanwhile (openat2(2), EAGAIN). */
	do
		fd = open_resolving(root, path, flags, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | (resolve & ~OUTSIDE_PROC));
	while (fd < 0 && errno == EAGAIN && --tries > 0);
	if (fd >= 0 && (resolve & OUTSIDE_PROC) && (fstatfs(fd, &fs) || fs.f_type == PROC_SUPER_MAGIC)) {
		close(fd);
		return fail(EXDEV);
	}
	return fd;
}

/* For calls that take no descriptor. */
struct fd_path fd_path(int fd)
{
	struct fd_path path;

	snprintf(path.text, sizeof(path.text), "/proc/self/fd/%d", fd);
	return path;
}

/* Puts `head`, a slash and `tail` into a buffer of PATH_MAX, which may be one of them. */
static int join(char *buffer, const char *head, const char *tail)
{
	char joined[4096];

	if (snprintf(joined, sizeof(joined), "%s/%s", head, tail) >= (int)sizeof(joined))
		return fail(ENAMETOOLONG);
	strcpy(buffer, joined);
	return 0;
}

/*
 * Opens the directory that holds the last component of `path`, following links as a process chrooted into `root` would and
 * making each missing directory. `done` holds what is resolved and has no link in it; `rest` what is still to walk.
 * The last component goes to `name` ("." where the path ends in a directory). A dangling link's target is what gets made,
 * unless the last component itself is meant.
 */
static int open_parent(int root, const char *path, mode_t mode, bool follow, char *name)
{
	char done[4096] = "", rest[4096], target[4096];
	int links = 0;

	if (strlen(path) >= sizeof(rest))
		return fail(ENAMETOOLONG);
	strcpy(rest, path);
	for (;;) {
		char *start = rest + strspn(rest, "/"), *end = start + strcspn(start, "/"), *slash = strrchr(done, '/');
		char *after = end + strspn(end, "/");
		cleanup_fd int parent = -1;
		cleanup_fd int child = -1;
		struct stat st = { 0 };
		ssize_t length;
		bool is_dot;

		if (end - start > 255)
			return fail(ENAMETOOLONG);
		memcpy(name, start, (size_t)(end - start));
		name[end - start] = 0;
		memmove(rest, after, strlen(after) + 1);
		if (!strcmp(name, "..") && slash)
			*slash = 0;
		is_dot = !*name || !strcmp(name, ".") || !strcmp(name, "..");
		if (is_dot && *rest)
			continue;
		parent = in_root_open(root, *done ? done : "/", O_PATH | O_DIRECTORY, RESOLVE_NO_SYMLINKS);
		child = is_dot || parent < 0 ? -1 : openat(parent, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
		if (parent < 0 || (!is_dot && (child < 0 ? errno != ENOENT : fstat(child, &st))))
			return -1;
		if (S_ISLNK(st.st_mode) && (*rest || follow)) {
			length = readlinkat(child, "", target, sizeof(target) - 1);
			if (length < 0 || ++links > MAX_LINKS)
				return fail(length < 0 ? errno : ELOOP);
			target[length] = 0;
			if (*target == '/')
				*done = 0;
			if (join(rest, target, rest))
				return -1;
			continue;
		}
		if (is_dot)
			strcpy(name, ".");
		if (!*rest)
			return fcntl(parent, F_DUPFD_CLOEXEC, 0);
		if (child < 0 && mkdirat(parent, name, mode) && errno != EEXIST)
			return -1;
		if (join(done, done, name))
			return -1;
	}
}

/* A directory or an empty file, as `mode` says; what is there already stays. */
int in_root_make(int root, const char *path, mode_t mode)
{
	char name[256];
	bool is_dir = S_ISDIR(mode);
	cleanup_fd int there = in_root_open(root, path, O_PATH | (is_dir ? O_DIRECTORY : 0), 0);
	cleanup_fd int parent = -1;

	if (there >= 0)
		return 0;
	if (errno != ENOENT)
		return -1;
	parent = open_parent(root, path, is_dir ? mode : 0755, true, name);
	if (parent < 0)
		return -1;
	return (is_dir ? mkdirat(parent, name, mode) : mknodat(parent, name, mode, 0)) && errno != EEXIST ? -1 : 0;
}

/* What is there already is taken where it is the same device; its owner and mode are set by descriptor, whoever swaps the name. */
int in_root_mknod(int root, const char *path, mode_t mode, dev_t device, uid_t uid, gid_t gid)
{
	char name[256];
	struct stat st;
	cleanup_fd int parent = open_parent(root, path, 0755, true, name);
	cleanup_fd int node = -1;

	if (parent < 0 || (mknodat(parent, name, mode, device) && errno != EEXIST))
		return -1;
	node = openat(parent, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (node < 0 || fstat(node, &st))
		return -1;
	if ((st.st_mode & S_IFMT) != (mode & S_IFMT) || st.st_rdev != device)
		return fail(EEXIST);
	return fchownat(node, "", uid, gid, AT_EMPTY_PATH) ? -1 : chmod(fd_path(node).text, mode & 07777);
}

int in_root_symlink(int root, const char *target, const char *path, bool replace)
{
	char name[256];
	cleanup_fd int parent = open_parent(root, path, 0755, false, name);

	if (parent < 0 || (replace && unlinkat(parent, name, 0) && errno != ENOENT))
		return -1;
	return symlinkat(target, parent, name);
}
