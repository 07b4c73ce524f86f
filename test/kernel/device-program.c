/*
 * Loads the device program of stdin with the verifier's log, attaches it to a new cgroup2 and tries devices from inside it.
 * Runs in a mount namespace of its own (the caller's unshare); the argument is an empty directory to mount cgroup2 on.
 * Prints "name errno" lines, 0 for success.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

static char log_buffer[1 << 20];

static int fail(const char *what)
{
	fprintf(stderr, "%s: %s\n%s", what, strerror(errno), log_buffer);
	return 1;
}

static int load(const void *program, size_t bytes)
{
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE,
		.insns = (unsigned long)program,
		.insn_cnt = (unsigned)(bytes / sizeof(struct bpf_insn)),
		.license = (unsigned long)"Apache-2.0",
		.log_buf = (unsigned long)log_buffer,
		.log_size = sizeof(log_buffer),
		.log_level = 1,
	};
	return (int)syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));
}

static void try_open(const char *path, int flags)
{
	int fd = open(path, flags | O_NONBLOCK | O_NOCTTY);
	printf("open:%s:%s %d\n", path, flags == O_RDONLY ? "r" : flags == O_WRONLY ? "w" : "rw", fd < 0 ? errno : 0);
	if (fd >= 0)
		close(fd);
}

static void try_mknod(const char *directory, mode_t type, dev_t device)
{
	char path[4096];
	snprintf(path, sizeof(path), "%s/node", directory);
	int rc = mknod(path, type | 0600, device);
	printf("mknod:%c:%u:%u %d\n", type == S_IFCHR ? 'c' : 'b', major(device), minor(device), rc < 0 ? errno : 0);
	if (rc == 0)
		unlink(path);
}

static int inside(const char *procs, const char *scratch)
{
	int fd = open(procs, O_WRONLY);
	if (fd < 0 || write(fd, "0", 1) != 1)
		return fail("cgroup.procs");
	close(fd);
	try_open("/dev/null", O_RDWR);
	try_open("/dev/zero", O_RDONLY);
	try_open("/dev/zero", O_WRONLY);
	try_open("/dev/zero", O_RDWR);
	try_open("/dev/full", O_RDONLY);
	try_open("/dev/urandom", O_RDONLY);
	try_mknod(scratch, S_IFCHR, makedev(10, 200));
	try_mknod(scratch, S_IFBLK, makedev(7, 0));
	fflush(stdout);
	return 0;
}

int main(int argc, char **argv)
{
	static char program[1 << 16];
	char cgroup[4096], procs[4200], scratch[4096];
	size_t bytes = fread(program, 1, sizeof(program), stdin);
	int status = 1;

	if (argc < 2)
		return 2;
	int fd = load(program, bytes);
	if (fd < 0)
		return fail("bpf(BPF_PROG_LOAD)");
	printf("load 0\n");
	fflush(stdout);
	snprintf(scratch, sizeof(scratch), "%s/scratch", argv[1]);
	snprintf(cgroup, sizeof(cgroup), "%s/cgroup", argv[1]);
	if (mkdir(scratch, 0700) != 0 || mkdir(cgroup, 0700) != 0 || mount("none", cgroup, "cgroup2", 0, NULL) != 0)
		return fail("mount(cgroup2)");
	snprintf(cgroup, sizeof(cgroup), "%s/cgroup/tsrun-device-test-%d", argv[1], getpid());
	snprintf(procs, sizeof(procs), "%s/cgroup.procs", cgroup);
	if (mkdir(cgroup, 0700) != 0)
		return fail("mkdir");
	union bpf_attr attach = {
		.target_fd = (unsigned)open(cgroup, O_RDONLY | O_DIRECTORY),
		.attach_bpf_fd = (unsigned)fd,
		.attach_type = BPF_CGROUP_DEVICE,
	};
	if (syscall(SYS_bpf, BPF_PROG_ATTACH, &attach, sizeof(attach)) != 0) {
		fail("bpf(BPF_PROG_ATTACH)");
	} else {
		pid_t child = fork();
		if (child == 0)
			_exit(inside(procs, scratch));
		waitpid(child, &status, 0);
	}
	close((int)attach.target_fd);
	for (int tries = 0; rmdir(cgroup) != 0; tries++) {
		if (tries == 100)
			return fail("rmdir");
		usleep(10000);
	}
	return status == 0 ? 0 : 1;
}
