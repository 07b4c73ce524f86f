/*
 * tsrun-init: executes a plan, and can do nothing else.
 *
 *   tsrun-init run <plan fd> <progress fd> <n>        setup, clone, init, supervise, teardown
 *   tsrun-init teardown <plan fd> <progress fd> <n>   what a dead supervisor left undone
 *
 * The first n descriptors from 3 on are the caller's for the program; all others are closed.
 *
 * Two processes walk the plan, one at a time; a turn passes control over a socket pair:
 *
 *   supervisor   setup …  clone  …  turn ───────────────► waits …  turn (waits) … supervise … teardown
 *   init                  └ waits ─────► init …  turn ──►            … exec
 *
 *   'T' a turn · 't' a turn that carries the terminal's master · 'E' a step failed · end of file: exec has happened
 */
#include "plan.h"

#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <linux/sched.h>

#define EXIT_TSRUN_FAILED 125
#define REPORT_SECONDS 10
#define LOOK_MS 50

uint64_t clock_now(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

void end_process(pid_t pid)
{
	if (pid <= 0)
		return;
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* Init may be held meanwhile, by somebody who has died. */
static void watch_stepper(const struct machine *machine)
{
	struct pollfd peer = { .fd = machine->peer, .events = POLLIN };

	while (machine->stepper && machine->list == LIST_SETUP && poll(&peer, 1, LOOK_MS) == 0)
		if (getppid() != machine->stepper)
			quit_init(machine);
}

/* The other process goes on until it turns back; for the supervisor also until init has exec'd. */
int turn(struct machine *machine)
{
	char byte;

	if (send(machine->peer, "T", 1, MSG_NOSIGNAL) != 1)
		return -1;
	do {
		watch_stepper(machine);
		byte = receive_fd(machine->peer, &machine->terminal);
	} while (byte == 't');
	if (machine->list == LIST_SETUP && machine->init != machine->progress->init) {
		waitpid(machine->init, NULL, 0);
		machine->init = machine->progress->init;
		machine->progress->init_start = start_time_of(machine->init);
	}
	if (byte == 'T')
		return 0;
	if (machine->list == LIST_INIT)
		_exit(EXIT_TSRUN_FAILED); /* the supervisor is gone */
	if (byte == 0 && machine->progress->failed_list < 0 &&
	    machine->progress->begun[LIST_INIT] == machine->plan.header->count[LIST_INIT])
		return 0;
	return fail(machine->progress->failed_list >= 0 ? machine->progress->failed_errno : ESRCH);
}

/*
 * The parent-death signal is sent for a death after the prctl only. Whoever died before it, or between a change of user, which
 * clears the signal, and the next prctl, has left a closed socket.
 */
void end_with_supervisor(const struct machine *machine)
{
	char byte;

	if (machine->list == LIST_INIT && recv(machine->peer, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0)
		_exit(EXIT_TSRUN_FAILED);
}

static void fail_init(const struct machine *machine)
{
	/* The step that failed may be the one that asks for the signal, or one between a change of user and that. */
	if (machine->peer >= 0)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* Init stays as it is, so that whoever reports can look at what the step met; after a failed start nobody may be there. */
	if (machine->peer < 0)
		sleep(REPORT_SECONDS);
	else if (send(machine->peer, "E", 1, MSG_NOSIGNAL) == 1)
		do
			pause();
		while (errno == EINTR);
	_exit(EXIT_TSRUN_FAILED);
	/* A seccomp filter may forbid all of this, but not to die. */
	__builtin_trap();
}

static void be_init(struct machine *machine)
{
	struct progress *progress = machine->progress;

	machine->list = LIST_INIT;
	if (receive_fd(machine->peer, &machine->terminal) != 'T')
		_exit(EXIT_TSRUN_FAILED);
	if (!run_list(machine, LIST_INIT)) {
		progress->failed_step = machine->plan.header->count[LIST_INIT];
		progress->failed_errno = EBADMSG; /* a plan without exec */
		progress->failed_list = LIST_INIT;
	}
	fail_init(machine);
}

int clone_init(struct machine *machine, uint64_t flags, const char *cgroup)
{
	struct clone_args args = { .flags = flags, .exit_signal = SIGCHLD };
	cleanup_fd int into = -1;
	int pair[2];
	long pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return -1;
	if (cgroup && *cgroup) {
		into = open(cgroup, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (into < 0)
			return -1;
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = (uint64_t)into;
	}
	pid = cgroup ? syscall(SYS_clone3, &args, sizeof(args)) : syscall(SYS_clone, flags | SIGCHLD, NULL, NULL, NULL, NULL);
	if (pid < 0)
		return -1;
	machine->peer = pair[pid == 0];
	close(pair[pid != 0]);
	if (pid == 0)
		be_init(machine);
	machine->init = (pid_t)pid;
	machine->progress->init = (int32_t)pid;
	machine->progress->init_start = start_time_of(machine->init);
	return 0;
}

/* A second birth, into what its maker joined or unshared for children; the supervisor is the parent and has its pid before it runs. */
int fork_init(const struct machine *machine)
{
	long pid = syscall(SYS_clone, CLONE_PARENT | CLONE_PARENT_SETTID | SIGCHLD, NULL, &machine->progress->init, NULL, NULL);

	if (pid > 0)
		_exit(0);
	return (int)pid;
}

/* Becomes the reporter, which words a failure and finishes the teardown, or the successor. The state directory tells them all they need. */
static void become(struct machine *machine, uint32_t program)
{
	char **argv = program ? plan_strs(&machine->plan, program) : NULL;

	if (!argv || !*argv)
		return;
	/* The lock on the state stays with this process, and nothing else: ports that were held are free for who comes next. */
	if (dup2((int)(3 + machine->preserved), 3) < 0 || fcntl(3, F_SETFD, 0))
		return;
	syscall(SYS_close_range, 4, ~0U, CLOSE_RANGE_CLOEXEC);
	exec_unblocked(*argv, argv, environ);
}

static int tear_down(struct machine *machine)
{
	int error;

	machine->list = LIST_TEARDOWN;
	error = run_list(machine, LIST_TEARDOWN);
	if (!error)
		machine->progress->torn_down = now();
	return error;
}

static int run(struct machine *machine)
{
	int error = run_list(machine, LIST_SETUP);

	if (error) {
		if (error != ECANCELED) /* that was wished for */
			become(machine, machine->plan.header->reporter);
		end_process(machine->init);
		machine->init = 0;
	}
	if (!tear_down(machine) && !error)
		become(machine, machine->plan.header->successor);
	return error ? EXIT_TSRUN_FAILED : machine->progress->exit_code;
}

static bool map_progress(struct machine *machine, int fd)
{
	struct stat st;
	void *map;

	if (fstat(fd, &st))
		return false;
	machine->progress_size = (size_t)st.st_size;
	if (machine->progress_size < sizeof(struct progress) ||
	    (machine->progress_size - sizeof(struct progress)) % sizeof(struct timing))
		return false;
	map = mmap(NULL, machine->progress_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	machine->progress = map == MAP_FAILED ? NULL : map;
	return machine->progress != NULL;
}

static const struct machine nothing = {
	.peer = -1, .root = -1, .proc = -1, .mask = -1, .terminal = -1, .bound = -1, .agent = -1, .target = -1, .start = -1,
	.stream = { { -1, -1 }, { -1, -1 }, { -1, -1 } },
};

/* A plan inside of the plan, by a child. Its progress file is one of a ring; where that is missing, nothing is done. */
pid_t begin_probe(const struct machine *container, unsigned int number, struct progress **progress)
{
	const uint64_t *arg = container->probe->arg;
	struct bytes plan = plan_bytes(&container->plan, arg[0]);
	struct machine own = nothing;
	char path[PATH_MAX];
	cleanup_fd int fd = -1;
	pid_t pid;

	snprintf(path, sizeof(path), "%s.%u", plan_str(&container->plan, arg[1]), number % (unsigned int)arg[4]);
	if (*progress)
		munmap(*progress, sizeof(struct progress));
	fd = open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	*progress = fd >= 0 && map_progress(&own, fd) ? own.progress : NULL;
	if (!*progress)
		return -1;
	memset(&own.progress->supervisor, 0, sizeof(struct progress) - offsetof(struct progress, supervisor));
	own.progress->failed_list = own.progress->exit_code = -1;
	own.progress->created = now();
	pid = fork();
	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (plan_check(&own.plan, plan.data, plan.size) || syscall(SYS_close_range, 3, ~0U, 0))
		_exit(EXIT_TSRUN_FAILED);
	own.target = (int)syscall(SYS_pidfd_open, container->init, 0);
	_exit(run(&own));
}

int main(int argc, char **argv)
{
	struct machine machine = nothing;
	bool is_run = argc == 5 && !strcmp(argv[1], "run");
	sigset_t all;
	int progress_fd, own_fd;

	if (!is_run && !(argc == 5 && !strcmp(argv[1], "teardown")))
		return EXIT_TSRUN_FAILED;
	progress_fd = atoi(argv[3]);
	machine.preserved = (unsigned int)atoi(argv[4]);
	own_fd = 3 + (int)machine.preserved;
	if (!map_progress(&machine, progress_fd) || plan_map(&machine.plan, atoi(argv[2])))
		return EXIT_TSRUN_FAILED;
	/* What the caller left open is closed: a container must find none of it, and others may wait for its end. */
	if ((progress_fd != own_fd && dup2(progress_fd, own_fd) < 0) || fcntl(own_fd, F_SETFD, FD_CLOEXEC) ||
	    syscall(SYS_close_range, own_fd + 1, ~0U, 0))
		return EXIT_TSRUN_FAILED;
	/* Run by its descriptor it would be called after the number. */
	prctl(PR_SET_NAME, "tsrun-init");
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	umask(0);
	if (is_run) {
		machine.stepper = machine.progress->supervisor;
		machine.progress->supervisor = getpid();
		return run(&machine);
	}
	machine.progress->failed_list = -1;
	return tear_down(&machine) ? EXIT_TSRUN_FAILED : 0;
}
