/*
 * Paths inside a root file system that somebody else filled. Every path is resolved by the kernel at the moment of use,
 * below `root` (openat2(2), RESOLVE_IN_ROOT): a symlink of an image never leads to the host, also when it is swapped meanwhile.
 */
#include "plan.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#define MAX_LINKS 40
#define MAX_TRIES 128

int in_root_open(int root, const char *path, int flags, uint64_t resolve)
{
	struct open_how how = {
		.flags = (uint64_t)(flags | O_CLOEXEC),
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | resolve,
	};
	int fd, tries = MAX_TRIES;

	/* The kernel gives up on ".." when anything on the machine is renamed meanwhile (openat2(2), EAGAIN). */
	do
		fd = (int)syscall(SYS_openat2, root, path, &how, sizeof(how));
	while (fd < 0 && errno == EAGAIN && --tries > 0);
	return fd;
}

/* Puts `head`, a slash and `tail` into a buffer of PATH_MAX; `buffer` may be `tail`. */
static int join(char *buffer, const char *head, const char *tail)
{
	char joined[4096];
	size_t a = strlen(head), b = strlen(tail);

	if (a + 1 + b >= sizeof(joined)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(joined, head, a);
	joined[a] = '/';
	memcpy(joined + a + 1, tail, b + 1);
	memcpy(buffer, joined, a + b + 2);
	return 0;
}

/*
 * Opens the directory that holds the last component of `path`, following links as a process chrooted into `root` would and
 * making each missing directory. `done` holds what is resolved and has no link in it; `rest` what is still to walk.
 * The last component goes to `name` ("." where the path ends in a directory). A dangling link's target is what gets made.
 */
static int open_parent(int root, const char *path, mode_t mode, char *name)
{
	char done[4096] = "", rest[4096], next[4096], target[4096];
	int links = 0;

	if (strlen(path) >= sizeof(rest)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(rest, path);
	for (;;) {
		char *start = rest + strspn(rest, "/"), *end = start + strcspn(start, "/");
		char *after = end + strspn(end, "/");
		cleanup_fd int parent = -1;
		cleanup_fd int child = -1;
		struct stat st;
		ssize_t length;

		if (end - start > 255) {
			errno = ENAMETOOLONG;
			return -1;
		}
		memcpy(name, start, (size_t)(end - start));
		name[end - start] = 0;
		memmove(rest, after, strlen(after) + 1);
		if (!strcmp(name, "..")) {
			char *slash = strrchr(done, '/');

			if (slash)
				*slash = 0;
		}
		if (!*name || !strcmp(name, ".") || !strcmp(name, "..")) {
			strcpy(name, ".");
			if (*rest)
				continue;
			return in_root_open(root, *done ? done : "/", O_PATH | O_DIRECTORY, RESOLVE_NO_SYMLINKS);
		}
		parent = in_root_open(root, *done ? done : "/", O_PATH | O_DIRECTORY, RESOLVE_NO_SYMLINKS);
		if (parent < 0)
			return -1;
		child = openat(parent, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
		if (child < 0 && errno != ENOENT)
			return -1;
		if (child >= 0 && fstat(child, &st))
			return -1;
		if (child >= 0 && S_ISLNK(st.st_mode)) {
			if (++links > MAX_LINKS) {
				errno = ELOOP;
				return -1;
			}
			length = readlinkat(child, "", target, sizeof(target) - 1);
			if (length < 0)
				return -1;
			target[length] = 0;
			if (*target == '/')
				*done = 0;
			if (join(rest, target, rest))
				return -1;
			continue;
		}
		if (!*rest) {
			int fd = parent;

			parent = -1;
			return fd;
		}
		if (child < 0 && mkdirat(parent, name, mode) && errno != EEXIST)
			return -1;
		if (join(next, done, name))
			return -1;
		strcpy(done, next);
	}
}

int in_root_mkdir(int root, const char *path, mode_t mode)
{
	char name[256];
	cleanup_fd int there = in_root_open(root, path, O_PATH | O_DIRECTORY, 0);
	cleanup_fd int parent = -1;

	if (there >= 0)
		return 0;
	if (errno != ENOENT)
		return -1;
	parent = open_parent(root, path, mode, name);
	if (parent < 0)
		return -1;
	return mkdirat(parent, name, mode) && errno != EEXIST ? -1 : 0;
}

int in_root_create(int root, const char *path, mode_t mode)
{
	char name[256];
	cleanup_fd int there = in_root_open(root, path, O_PATH, 0);
	cleanup_fd int parent = -1;
	cleanup_fd int made = -1;

	if (there >= 0)
		return 0;
	if (errno != ENOENT)
		return -1;
	parent = open_parent(root, path, 0755, name);
	if (parent < 0)
		return -1;
	made = openat(parent, name, O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
	return made < 0 && errno != EEXIST ? -1 : 0;
}

int in_root_mknod(int root, const char *path, mode_t mode, dev_t device, uid_t uid, gid_t gid)
{
	char name[256];
	struct stat st;
	cleanup_fd int parent = open_parent(root, path, 0755, name);

	if (parent < 0)
		return -1;
	if (mknodat(parent, name, mode, device)) {
		if (errno != EEXIST || fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW))
			return -1;
		if ((st.st_mode & S_IFMT) != (mode & S_IFMT) || st.st_rdev != device) {
			errno = EEXIST;
			return -1;
		}
	}
	return fchownat(parent, name, uid, gid, AT_SYMLINK_NOFOLLOW);
}

int in_root_symlink(int root, const char *target, const char *path)
{
	char name[256];
	const char *slash = strrchr(path, '/');
	char head[4096];
	cleanup_fd int parent = -1;
	size_t length = slash ? (size_t)(slash - path) : 0;

	if (length + 3 > sizeof(head)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(head, path, length);
	strcpy(head + length, "/.");
	parent = open_parent(root, head, 0755, name);
	if (parent < 0)
		return -1;
	return symlinkat(target, parent, slash ? slash + 1 : path);
}
