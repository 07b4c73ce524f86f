/*
 * Loads the filter of stdin into the kernel, then makes calls and prints what each one returned: "name errno", 0 for success.
 * The first argument is the flags of seccomp(2).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static void report(const char *name, long rc)
{
	printf("%s %d\n", name, rc < 0 ? errno : 0);
}

int main(int argc, char **argv)
{
	static struct sock_filter filter[BPF_MAXINSNS];
	size_t count = fread(filter, sizeof(*filter), BPF_MAXINSNS, stdin);
	struct sock_fprog program = { .len = (unsigned short)count, .filter = filter };

	if (argc < 2 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return 2;
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, strtoul(argv[1], NULL, 0), &program) < 0) {
		fprintf(stderr, "seccomp: %s\n", strerror(errno));
		return 1;
	}
	report("getpid", syscall(SYS_getpid));
	report("socket-unix", socket(AF_UNIX, SOCK_STREAM, 0));
	report("socket-alg", socket(AF_ALG, SOCK_SEQPACKET, 0));
	report("personality-query", syscall(SYS_personality, 0xffffffff));
	report("personality-4", syscall(SYS_personality, 4));
	report("unshare", unshare(CLONE_NEWUTS));
	report("clone3", syscall(SYS_clone3, NULL, 0));
	report("acct", syscall(SYS_acct, NULL));
	report("number-2000", syscall(2000));
	return 0;
}
