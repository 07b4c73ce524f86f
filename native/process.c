/* What the process is that becomes the program: its rights, its directory, its descriptors, and the program itself. */
#include "plan.h"

#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/openat2.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/sysmacros.h>

int drop_bounding(uint64_t keep)
{
	for (int capability = 0; capability < 64; capability++) {
		if (keep >> capability & 1)
			continue;
		if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0))
			return errno == EINVAL ? 0 : -1; /* past the last capability */
	}
	return 0;
}

int raise_ambient(uint64_t set)
{
	for (int capability = 0; capability < 64; capability++)
		if ((set >> capability & 1) && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0))
			return -1;
	return 0;
}

int set_capabilities(uint64_t effective, uint64_t permitted, uint64_t inheritable)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = {
		{ (uint32_t)effective, (uint32_t)permitted, (uint32_t)inheritable },
		{ (uint32_t)(effective >> 32), (uint32_t)(permitted >> 32), (uint32_t)(inheritable >> 32) },
	};

	return (int)syscall(SYS_capset, &header, data);
}

int seccomp_filter(struct bytes filter, unsigned int flags)
{
	struct sock_fprog program = {
		.len = (unsigned short)(filter.size / sizeof(struct sock_filter)),
		.filter = (struct sock_filter *)filter.data,
	};

	return (int)syscall(SYS_seccomp, 1 /* SECCOMP_SET_MODE_FILTER */, flags, &program);
}

/* The null device itself, and nothing that stands in its place (CVE-2025-31133). */
int open_null(const char *path)
{
	cleanup_fd int found = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (found < 0 || fstat(found, &st))
		return -1;
	return S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3) ? fcntl(found, F_DUPFD_CLOEXEC, 0) : fail(ENODEV);
}

/* A path is /dev/null: what a volume on /dev may have there instead is not opened with the rights of root. */
int standard_stream(const struct machine *machine, int fd, const char *path, int flags)
{
	cleanup_fd int null = *path ? open_null(path) : -1;
	cleanup_fd int opened = null < 0 ? -1 : open(fd_path(null).text, flags | O_NOCTTY | O_CLOEXEC);

	if (*path && opened < 0)
		return -1;
	return dup2(*path ? opened : machine->stream[fd].child, fd) < 0 ? -1 : 0;
}

/* A magic link would lead to whatever a descriptor of ours holds (CVE-2024-21626). */
int change_directory(const struct machine *machine, const char *path)
{
	cleanup_fd int fd = *path ? open_resolving(AT_FDCWD, path, O_PATH | O_DIRECTORY, RESOLVE_NO_MAGICLINKS) : dup(machine->root);

	return fd < 0 ? -1 : fchdir(fd);
}

/* All but what the caller preserves for the program and what init still needs, which exec closes. */
int close_all(const struct machine *machine, unsigned int flags)
{
	int fd = 3 + (flags & HELD ? 0 : (int)machine->preserved);

	flags &= ~HELD;
	for (; fd <= machine->peer || fd <= machine->start || fd <= machine->agent; fd++)
		if (fd != machine->peer && fd != machine->start && fd != machine->agent && syscall(SYS_close_range, fd, fd, flags))
			return -1;
	return (int)syscall(SYS_close_range, fd, ~0U, flags);
}

/* Filters that are older than faccessat2 refuse it with EPERM, which is no answer about a file. */
static bool is_executable(const char *path)
{
	struct stat st;

	if (faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) && (errno != EPERM || access(path, X_OK)))
		return false;
	return !stat(path, &st) && !S_ISDIR(st.st_mode);
}

/* As exec_first will: the first that can be executed; what cannot is passed over, and remembered if nothing else is found. */
int find_program(char **paths)
{
	int error = ENOENT;

	if (!paths)
		return -1;
	for (; *paths; paths++) {
		if (is_executable(*paths))
			return 0;
		if (!access(*paths, F_OK) || errno == EACCES)
			error = EACCES;
	}
	return fail(error);
}

/* A program gets no signal blocked. */
void exec_unblocked(const char *path, char **argv, char **env)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execve(path, argv, env);
}

/* As execvp(3) walks PATH: what cannot be executed is passed over, and remembered if nothing else is found. */
int exec_first(const struct machine *machine, const struct step *step)
{
	char **paths = plan_strs(&machine->plan, step->arg[0]);
	char **argv = plan_strs(&machine->plan, step->arg[1]);
	char **env = plan_strs(&machine->plan, step->arg[2]);
	int error = ENOENT;

	if (!paths || !argv || !env)
		return -1;
	machine->progress->started = now();
	for (; *paths; paths++) {
		exec_unblocked(*paths, argv, env);
		if (errno != ENOENT && errno != ENOTDIR && errno != EACCES) {
			error = errno;
			break;
		}
		error = error == EACCES ? EACCES : errno;
	}
	machine->progress->started = 0;
	return fail(error);
}
