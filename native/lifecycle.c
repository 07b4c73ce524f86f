/* What the OCI command line adds: a start that comes later, hooks, and what a caller wants of a process that goes on without it. */
#include "plan.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>

int open_start(struct machine *machine, const char *path)
{
	machine->start = mkfifo(path, 0600) ? -1 : open(path, O_RDWR | O_CLOEXEC);
	return machine->start < 0 ? -1 : 0;
}

/* From here on init is on its own: read and write are all that it needs, since a seccomp filter may be in force already. */
static void end_now(int number)
{
	_exit(128 + number);
}

int await_start(struct machine *machine)
{
	char byte = 'T';
	sigset_t none;

	/* The kernel spares a first process that has no handler (pid_namespaces(7)). */
	for (const int *end = (const int[]){ SIGHUP, SIGINT, SIGTERM, 0 }; *end; end++)
		signal(*end, end_now);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	machine->progress->created = now();
	if (write(machine->peer, &byte, 1) != 1)
		_exit(125);
	close(machine->peer);
	machine->peer = -1;
	return read(machine->start, &byte, 1) == 1 ? 0 : -1;
}

static int hook_input(const struct machine *machine, const struct step *step)
{
	int fd = memfd_create("state", MFD_CLOEXEC);
	struct bytes head = plan_bytes(&machine->plan, step->arg[3]), tail = plan_bytes(&machine->plan, step->arg[4]);

	if (fd < 0 || write_fd(fd, head) || dprintf(fd, "%d", machine->progress->init) < 0 || write_fd(fd, tail))
		return -1;
	return lseek(fd, 0, SEEK_SET) ? -1 : fd;
}

int run_hook(const struct machine *machine, const struct step *step)
{
	struct progress *progress = machine->progress;
	char **argv = plan_strs(&machine->plan, step->arg[1]), **env = plan_strs(&machine->plan, step->arg[2]);
	cleanup_fd int input = hook_input(machine, step);
	cleanup_fd int output = memfd_create("output", MFD_CLOEXEC);
	struct pollfd end = { .fd = -1, .events = POLLIN };
	int status, ready;
	pid_t pid;

	if (!argv || !env || input < 0 || output < 0)
		return -1;
	progress->hook_status = 0;
	pid = fork();
	if (pid < 0)
		return -1;
	if (pid == 0) {
		if (dup2(input, 0) == 0 && dup2(output, 1) == 1 && dup2(output, 2) == 2 && !syscall(SYS_close_range, 3, ~0U, 0))
			exec_unblocked(plan_str(&machine->plan, step->arg[0]), argv, env);
		progress->hook_status = (uint64_t)errno;
		_exit(1);
	}
	end.fd = (int)syscall(SYS_pidfd_open, pid, 0);
	ready = poll(&end, 1, step->arg[5] ? (int)step->arg[5] : -1);
	close_fd(&end.fd);
	if (ready != 1)
		kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	if (progress->hook_status)
		return fail((int)progress->hook_status);
	progress->hook_status = (uint64_t)status;
	memset(progress->hook_output, 0, sizeof(progress->hook_output));
	if (status && pread(output, progress->hook_output, sizeof(progress->hook_output), 0) < 0)
		return -1;
	return ready == 1 && status == 0 ? 0 : fail(ready == 0 ? ETIMEDOUT : EHOOK);
}

/* The pid of init stands between the parts. One message, since an agent reads one; all but sending it is done before the filter. */
int seccomp_notify(const struct machine *machine, const struct step *step)
{
	char **parts = plan_strs(&machine->plan, step->arg[2]), *text = NULL;
	size_t size;
	FILE *stream = parts && *parts ? open_memstream(&text, &size) : NULL;
	cleanup_fd int notify = -1;
	bool is_whole;

	if (!stream)
		return -1;
	for (is_whole = fputs(*parts, stream) >= 0; is_whole && *++parts;)
		is_whole = fprintf(stream, "%d%s", machine->progress->init, *parts) >= 0;
	if (fclose(stream) || !is_whole)
		return -1;
	notify = seccomp_filter(plan_bytes(&machine->plan, step->arg[0]), (unsigned int)step->arg[1]);
	if (notify < 0 || send_fd(machine->agent, text, notify))
		return -1;
	close(machine->agent);
	return 0;
}

/* Field 22 of /proc/<pid>/stat (proc(5)); 0 where there is no such process. */
uint64_t start_time_of(pid_t pid)
{
	char text[1024];
	cleanup_fd int fd = open_process(pid, "stat", O_RDONLY);
	char *field;
	ssize_t length;

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
	return start_time_of(pid) == start_time ? 0 : fail(ESRCH);
}
