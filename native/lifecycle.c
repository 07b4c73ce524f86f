/* What the OCI command line adds: a start that comes later, hooks, and what a caller wants of a process that goes on without it. */
#include "plan.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>

#define REPORT_SECONDS 10

int open_start(struct machine *machine, const char *path)
{
	machine->start = mkfifo(path, 0600) ? -1 : open(path, O_RDWR | O_CLOEXEC);
	return machine->start < 0 ? -1 : 0;
}

/* From here on init is on its own: read and write are all that it needs, since a seccomp filter may be in force already. */
int await_start(struct machine *machine)
{
	char byte = 'T';

	machine->progress->created = now();
	if (write(machine->peer, &byte, 1) != 1)
		_exit(125);
	close(machine->peer);
	machine->peer = -1;
	return read(machine->start, &byte, 1) == 1 ? 0 : -1;
}

/* The start failed, as the progress tells. Whoever waits for it may look at what the step met; nobody may be there. */
void end_unstarted(void)
{
	struct timespec patience = { .tv_sec = REPORT_SECONDS };

	nanosleep(&patience, NULL);
}

static int hook_input(const struct machine *machine, const struct step *step)
{
	int fd = memfd_create("state", MFD_CLOEXEC);
	const void *bytes;
	size_t size;

	bytes = plan_bytes(&machine->plan, step->arg[3], &size);
	if (fd < 0 || write(fd, bytes, size) != (ssize_t)size || dprintf(fd, "%d", machine->progress->init) < 0)
		return -1;
	bytes = plan_bytes(&machine->plan, step->arg[4], &size);
	return write(fd, bytes, size) == (ssize_t)size && !lseek(fd, 0, SEEK_SET) ? fd : -1;
}

static int spawn_hook(pid_t *pid, const char *path, char **argv, char **env, const int fd[2])
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	sigset_t none;
	int error;

	sigemptyset(&none);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, fd[0], 0);
	posix_spawn_file_actions_adddup2(&files, fd[1], 1);
	posix_spawn_file_actions_adddup2(&files, fd[1], 2);
	posix_spawn_file_actions_addclosefrom_np(&files, 3);
	error = posix_spawn(pid, path, &files, &attributes, argv, env);
	posix_spawn_file_actions_destroy(&files);
	return error;
}

int run_hook(const struct machine *machine, const struct step *step)
{
	char **argv = plan_strs(&machine->plan, step->arg[1]);
	char **env = plan_strs(&machine->plan, step->arg[2]);
	cleanup_fd int input = hook_input(machine, step);
	cleanup_fd int output = memfd_create("output", MFD_CLOEXEC);
	const int fd[2] = { input, output };
	struct pollfd end = { .fd = -1, .events = POLLIN };
	int status, ready;
	pid_t pid;

	if (!argv || !env || input < 0 || output < 0)
		return -1;
	errno = spawn_hook(&pid, plan_str(&machine->plan, step->arg[0]), argv, env, fd);
	if (errno)
		return -1;
	end.fd = (int)syscall(SYS_pidfd_open, pid, 0);
	ready = poll(&end, 1, step->arg[5] ? (int)step->arg[5] : -1);
	close_fd(&end.fd);
	if (ready != 1)
		kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	machine->progress->hook_status = (uint64_t)status;
	memset(machine->progress->hook_output, 0, sizeof(machine->progress->hook_output));
	if (status && pread(output, machine->progress->hook_output, sizeof(machine->progress->hook_output), 0) < 0)
		return -1;
	errno = ready == 0 ? ETIMEDOUT : EHOOK;
	return ready == 1 && status == 0 ? 0 : -1;
}

int write_pid(const struct machine *machine, const char *path, const char *temporary)
{
	cleanup_fd int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);

	if (fd < 0 || dprintf(fd, "%d", machine->init) < 0)
		return -1;
	return rename(temporary, path);
}

int connect_socket(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int peer;

	if (strlen(path) >= sizeof(address.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(address.sun_path, path);
	peer = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (peer >= 0 && !connect(peer, (struct sockaddr *)&address, sizeof(address)))
		return peer;
	close_fd(&peer);
	return -1;
}

int send_descriptor(const struct machine *machine, const char *path, const char *name, bool is_pidfd)
{
	cleanup_fd int peer = connect_socket(path);
	cleanup_fd int pidfd = is_pidfd ? (int)syscall(SYS_pidfd_open, machine->init, 0) : -1;

	return peer < 0 ? -1 : send_fd(peer, name, is_pidfd ? pidfd : machine->terminal);
}

/* The pid of init stands between the parts. One message, since an agent reads one; all but sending it is done before the filter. */
int seccomp_notify(const struct machine *machine, const struct step *step)
{
	union {
		char space[CMSG_SPACE(sizeof(int))];
		struct cmsghdr header;
	} control = { .header = { .cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS } };
	char **parts = plan_strs(&machine->plan, step->arg[2]), *text = NULL;
	struct iovec part = { 0 };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control) };
	FILE *stream = open_memstream(&text, &part.iov_len);
	size_t size;
	const void *filter = plan_bytes(&machine->plan, step->arg[0], &size);
	int notify;

	if (!parts || !*parts || !stream || fputs(*parts, stream) < 0)
		return -1;
	while (*++parts)
		fprintf(stream, "%d%s", machine->progress->init, *parts);
	if (fclose(stream))
		return -1;
	part.iov_base = text;
	notify = seccomp_filter(filter, size, (unsigned int)step->arg[1]);
	if (notify < 0)
		return -1;
	memcpy(CMSG_DATA(&control.header), &notify, sizeof(int));
	if (sendmsg(machine->agent, &message, MSG_NOSIGNAL) != (ssize_t)part.iov_len)
		return -1;
	close(notify);
	close(machine->agent);
	return 0;
}

/* As exec_first will: the first that can be executed; what cannot is passed over, and remembered if nothing else is found. */
int find_program(char **paths)
{
	int error = ENOENT;
	struct stat st;

	if (!paths)
		return -1;
	for (; *paths; paths++) {
		if (!faccessat(AT_FDCWD, *paths, X_OK, AT_EACCESS) && !stat(*paths, &st) && !S_ISDIR(st.st_mode))
			return 0;
		if (!access(*paths, F_OK) || errno == EACCES)
			error = EACCES;
	}
	errno = error;
	return -1;
}

/* Field 22 of /proc/<pid>/stat (proc(5)); 0 where there is no such process. */
uint64_t start_time_of(pid_t pid)
{
	char path[32], text[1024];
	cleanup_fd int fd = -1;
	char *field;
	ssize_t length;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	length = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (length < 0)
		return 0;
	text[length] = 0;
	field = strrchr(text, ')');
	for (int i = 2; field && i < 22; i++)
		field = strchr(field + 1, ' ');
	return field ? strtoull(field, NULL, 10) : 0;
}

int open_target(struct machine *machine, pid_t pid, uint64_t start_time)
{
	machine->target = (int)syscall(SYS_pidfd_open, pid, 0);
	if (machine->target < 0)
		return -1;
	errno = ESRCH;
	return start_time_of(pid) == start_time ? 0 : -1;
}
