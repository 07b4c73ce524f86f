#include "plan.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>

#define RETRY_NS 1000000

/* Reads a file of the cgroup `dir` into `buffer`, NUL-terminated; what does not fit is left for the next look. */
static ssize_t read_at(int dir, const char *name, char *buffer, size_t size)
{
	cleanup_fd int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	ssize_t length;

	if (fd < 0)
		return -1;
	length = read(fd, buffer, size - 1);
	if (length >= 0)
		buffer[length] = 0;
	return length;
}

/* Sends the signal to each process of the cgroup and of those below it. Returns how many there were. */
static int kill_all(int dir, int signal_number)
{
	static char procs[16384]; /* read before the cgroups below are: a container may nest many */
	int killed = 0;
	ssize_t length = read_at(dir, "cgroup.procs", procs, sizeof(procs));
	cleanup_fd int copy = -1;
	DIR *stream;
	struct dirent *entry;

	if (length < 0)
		return errno == ENOENT || errno == ENODEV ? 0 : -1;
	if (length == (ssize_t)sizeof(procs) - 1)
		*(strrchr(procs, '\n') ? strrchr(procs, '\n') + 1 : procs) = 0;
	for (char *line = procs; *line; line = strchr(line, '\n') + 1) {
		pid_t pid = atoi(line);

		if (pid > 0) {
			kill(pid, signal_number);
			killed++;
		}
		if (!strchr(line, '\n'))
			break;
	}
	copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (copy < 0)
		return errno == ENOENT ? killed : -1;
	stream = fdopendir(copy);
	if (!stream)
		return -1;
	copy = -1;
	while ((entry = readdir(stream))) {
		int child, below;

		if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
			continue;
		child = openat(dir, entry->d_name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		below = child < 0 && errno == ENOENT ? 0 : child < 0 ? -1 : kill_all(child, signal_number);
		killed = below < 0 || killed < 0 ? -1 : killed + below;
		close_fd(&child);
	}
	closedir(stream);
	return killed;
}

static int remove_below(int parent, const char *name)
{
	cleanup_fd int dir = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *stream;
	struct dirent *entry;

	if (dir < 0)
		return -1;
	stream = fdopendir(dup(dir));
	if (!stream)
		return -1;
	while ((entry = readdir(stream)))
		if (entry->d_type == DT_DIR && entry->d_name[0] != '.')
			remove_below(dir, entry->d_name);
	closedir(stream);
	return unlinkat(parent, name, AT_REMOVEDIR);
}

/* In milliseconds of a clock that nobody sets. */
static uint64_t elapsed(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000 + (uint64_t)time.tv_nsec / 1000000;
}

/* Sleeps a little; false when `timeout_ms` have passed since `began`. */
static bool wait_more(uint64_t began, uint64_t timeout_ms)
{
	struct timespec pause = { .tv_nsec = RETRY_NS };

	if (elapsed() - began > timeout_ms)
		return false;
	nanosleep(&pause, NULL);
	return true;
}

int cgroup_kill(const char *path, uint64_t timeout_ms)
{
	uint64_t began = elapsed();
	cleanup_fd int dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int left;

	if (dir < 0)
		return -1;
	while ((left = kill_all(dir, SIGKILL)) > 0)
		if (!wait_more(began, timeout_ms)) {
			errno = ETIMEDOUT;
			return -1;
		}
	return left;
}

/* Whoever lives there would be killed at the end. The lock, kept as long as this process, holds off who is about to move in. */
int cgroup_require_empty(const char *path)
{
	int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int found = dir < 0 || flock(dir, LOCK_EX | LOCK_NB) ? -1 : kill_all(dir, 0);

	if (found > 0 || (found < 0 && errno == EWOULDBLOCK))
		errno = EBUSY;
	return found ? -1 : 0;
}

int cgroup_remove(const char *path, uint64_t timeout_ms)
{
	uint64_t began = elapsed();

	while (remove_below(AT_FDCWD, path))
		if (errno != EBUSY || !wait_more(began, timeout_ms))
			return -1;
	return 0;
}

int cgroup_attach_device_program(const char *path, const void *program, size_t size)
{
	cleanup_fd int cgroup = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cleanup_fd int loaded = -1;
	union bpf_attr attr;

	if (cgroup < 0)
		return -1;
	memset(&attr, 0, sizeof(attr));
	attr.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
	attr.insns = (uint64_t)(uintptr_t)program;
	attr.insn_cnt = (uint32_t)(size / sizeof(struct bpf_insn));
	attr.license = (uint64_t)(uintptr_t) "Apache-2.0";
	loaded = (int)syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));
	if (loaded < 0)
		return -1;
	memset(&attr, 0, sizeof(attr));
	attr.target_fd = (uint32_t)cgroup;
	attr.attach_bpf_fd = (uint32_t)loaded;
	attr.attach_type = BPF_CGROUP_DEVICE;
	attr.attach_flags = BPF_F_ALLOW_MULTI;
	return (int)syscall(SYS_bpf, BPF_PROG_ATTACH, &attr, sizeof(attr));
}

int cgroup_notice(const char *path, const char *key, const void *notice, size_t size)
{
	char text[4096];
	size_t length = strlen(key);

	if (read_at(AT_FDCWD, path, text, sizeof(text)) < 0)
		return -1;
	for (char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (!strncmp(line, key, length) && line[length] == ' ' && strtoull(line + length + 1, NULL, 10) > 0) {
			/* Nobody may be there to read it, and the rest of the teardown does not wait for a reader. */
			ssize_t ignored = write(STDERR_FILENO, notice, size);

			(void)ignored;
			return 0;
		}
	}
	return 0;
}
