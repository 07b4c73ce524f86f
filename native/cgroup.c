/* Cgroups: their end, whether they are in use, their devices, and a counter. */
#include "plan.h"

#include <dirent.h>
#include <linux/bpf.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/file.h>

#define OPEN_DIR (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
#define MILLISECOND 1000 /* of usleep(3) */

/* Of a walk over cgroups: what is sent to each process, how many there were, the errno of what could not be read. */
enum { SIGNAL, COUNT, ERROR, WALK };

static FILE *open_lines(int dir, const char *name)
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? NULL : fdopen(fd, "r");
}

static int signal_below(int parent, const struct dirent *entry, int *walk);

/* Closes the directory. A cgroup that is gone by now has no process. */
static void signal_cgroup(int dir, int *walk)
{
	FILE *procs = dir < 0 ? NULL : open_lines(dir, "cgroup.procs");
	char line[32];

	while (procs && fgets(line, sizeof(line), procs))
		if (atoi(line) > 0) {
			kill(atoi(line), walk[SIGNAL]);
			walk[COUNT]++;
		}
	if ((!procs || ferror(procs)) && errno != ENOENT && errno != ENODEV)
		walk[ERROR] = errno;
	if (procs)
		fclose(procs);
	if (dir >= 0 && each_entry(dir, signal_below, walk))
		walk[ERROR] = errno;
}

static int signal_below(int parent, const struct dirent *entry, int *walk)
{
	if (entry->d_type == DT_DIR)
		signal_cgroup(openat(parent, entry->d_name, OPEN_DIR), walk);
	return 0;
}

/* Sends the signal to each process of the cgroup and of those below it. Returns how many there were. */
static int signal_all(int cgroup, int signal_number)
{
	int walk[WALK] = { [SIGNAL] = signal_number };

	signal_cgroup(openat(cgroup, ".", OPEN_DIR), walk);
	return walk[ERROR] ? fail(walk[ERROR]) : walk[COUNT];
}

int cgroup_kill(const char *path, uint64_t timeout_ms)
{
	cleanup_fd int cgroup = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int count;

	if (cgroup < 0)
		return -1;
	do
		count = signal_all(cgroup, SIGKILL);
	while (count > 0 && timeout_ms-- && !usleep(MILLISECOND));
	return count > 0 ? fail(ETIMEDOUT) : count;
}

/* Whoever lives there would be killed at the end. The lock, kept as long as this process, holds off who is about to move in. */
int cgroup_require_empty(const char *path)
{
	int cgroup = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int count = cgroup < 0 || flock(cgroup, LOCK_EX | LOCK_NB) ? -1 : signal_all(cgroup, 0);

	if (count > 0 || (count < 0 && errno == EWOULDBLOCK))
		return fail(EBUSY);
	return count;
}

static int remove_below(int parent, const struct dirent *entry, int *walk)
{
	int dir = entry->d_type == DT_DIR ? openat(parent, entry->d_name, OPEN_DIR) : -1;

	if (dir >= 0) {
		each_entry(dir, remove_below, walk);
		unlinkat(parent, entry->d_name, AT_REMOVEDIR);
	}
	return 0;
}

int cgroup_remove(const char *path, uint64_t timeout_ms)
{
	do {
		int cgroup = open(path, OPEN_DIR);

		if (cgroup < 0)
			return -1;
		each_entry(cgroup, remove_below, NULL);
		if (!rmdir(path))
			return 0;
	} while (errno == EBUSY && timeout_ms-- && !usleep(MILLISECOND));
	return -1;
}

int cgroup_attach_device_program(const char *path, struct bytes program)
{
	cleanup_fd int cgroup = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cleanup_fd int loaded = -1;
	union bpf_attr attr;

	if (cgroup < 0)
		return -1;
	memset(&attr, 0, sizeof(attr));
	attr.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
	attr.insns = (uint64_t)(uintptr_t)program.data;
	attr.insn_cnt = (uint32_t)(program.size / sizeof(struct bpf_insn));
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

int cgroup_notice(const char *path, const char *key, struct bytes notice, uint32_t *has_noticed)
{
	FILE *counters = open_lines(AT_FDCWD, path);
	size_t length = strlen(key);
	bool has_grown = false;
	char line[128];

	if (!counters)
		return -1;
	while (!has_grown && fgets(line, sizeof(line), counters))
		has_grown = !strncmp(line, key, length) && line[length] == ' ' && strtoull(line + length + 1, NULL, 10) > 0;
	fclose(counters);
	/* Nobody may be there to read it, and the rest of the teardown does not wait for a reader. */
	if (has_grown) {
		*has_noticed = true;
		write_fd(STDERR_FILENO, notice);
	}
	return 0;
}
