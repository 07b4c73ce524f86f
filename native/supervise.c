/* What is left of tsrun while a container runs: one process that waits, passes signals on and copies streams. */
#include "plan.h"

#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <termios.h>

#define COPY_SIZE 16384
#define RAW_BUT_LINES 2 /* the caller's terminal makes the line ends, not the container's */
/* Reads that empty the largest pipe that a container can make (1 MiB, pipe(7)), and more. */
#define DRAIN_READS 256

/* One direction of copying: what was read and not yet written stays in the buffer, so a slow reader stops the writer. */
struct copy {
	int from;
	int to;
	const char *stream; /* its name in the log; NULL: it is not logged */
	size_t start;
	size_t end;
	char buffer[COPY_SIZE];
};

static struct copy copies[3];

/* The probe that is on its way (0: none), how many there were, and when the next begins or this one has lasted too long. */
static pid_t probe;
static struct progress *probe_progress;
static unsigned int probes;
static uint64_t probe_due;

int open_pipe(struct machine *machine, int fd)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC))
		return -1;
	machine->stream[fd] = (struct stream){ .child = ends[fd != 0], .parent = ends[fd == 0] };
	return 0;
}

/* Moves what is there without blocking for more. False: nothing more will come. */
static bool move(struct progress *progress, struct copy *copy, bool is_readable, bool is_writable)
{
	ssize_t count;

	if (copy->end == 0 && is_readable) {
		count = read(copy->from, copy->buffer, sizeof(copy->buffer));
		if (count <= 0)
			return count < 0 && (errno == EAGAIN || errno == EINTR);
		copy->end = (size_t)count;
		return true;
	}
	if (copy->end > 0 && is_writable) {
		size_t left = copy->end - copy->start;

		/* A pipe that polls writable takes this much without blocking (pipe(7)). */
		count = copy->stream ? (ssize_t)log_text(progress, copy->stream, copy->buffer + copy->start, left)
				     : write(copy->to, copy->buffer + copy->start, left < PIPE_BUF ? left : PIPE_BUF);
		if (count < 0)
			return errno == EAGAIN || errno == EINTR;
		copy->start += (size_t)count;
		if (copy->start == copy->end)
			copy->start = copy->end = 0;
	}
	return true;
}

/* Opened anew, a terminal or pipe is non-blocking here alone: when its reader stops, signals still get through. */
static int own_output(int fd)
{
	struct stat st;
	int own = -1;

	if (!fstat(fd, &st) && (S_ISCHR(st.st_mode) || S_ISFIFO(st.st_mode)))
		own = open(fd_path(fd).text, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	return own < 0 ? fd : own;
}

static void start_copies(struct machine *machine, bool terminal_input)
{
	for (int i = 0; i < 3; i++) {
		copies[i].from = -1;
		copies[i].start = copies[i].end = 0; /* a probe finds those of the container */
		copies[i].stream = i > 0 && has_log() ? i == 1 ? "stdout" : "stderr" : NULL;
		close_fd(&machine->stream[i].child);
	}
	if (machine->terminal >= 0) {
		fcntl(machine->terminal, F_SETFL, O_NONBLOCK);
		/* A slave stays open here, so that a moment in which the container has none open is no hang-up. */
		ioctl(machine->terminal, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
		copies[0].from = terminal_input ? STDIN_FILENO : -1;
		copies[0].to = machine->terminal;
		copies[1].from = machine->terminal;
		copies[1].to = own_output(STDOUT_FILENO);
		return;
	}
	for (int i = 0; i < 3; i++)
		if (machine->stream[i].parent >= 0) {
			copies[i].from = i == 0 ? STDIN_FILENO : machine->stream[i].parent;
			copies[i].to = i == 0 ? machine->stream[i].parent : own_output(i);
		}
}

/* The end of input closes its pipe, that of output too, or the container would fill it. A terminal's input just stops. */
static void end_of_copy(struct machine *machine, int i)
{
	int *end = machine->terminal < 0 ? &machine->stream[i].parent : &machine->terminal;

	copies[i].from = -1;
	copies[i].start = copies[i].end = 0;
	if (machine->terminal >= 0 && i == 0)
		return;
	copies[0].from = machine->terminal >= 0 ? -1 : copies[0].from;
	close_fd(end);
	*end = -1;
}

static void copy_window_size(int from, int to)
{
	struct winsize size;

	if (!ioctl(from, TIOCGWINSZ, &size))
		ioctl(to, TIOCSWINSZ, &size);
}

static void pass_signal(const struct machine *machine, int signal)
{
	if (signal == SIGCHLD || signal == SIGPIPE || signal == SIGURG || signal == SIGTTOU || signal == SIGTTIN)
		return;
	if (signal == SIGWINCH && machine->terminal >= 0)
		copy_window_size(STDIN_FILENO, machine->terminal);
	else
		kill(machine->init, signal);
}

/* True when init has ended and its status is noted. */
static bool note_end(struct machine *machine)
{
	struct progress *progress = machine->progress;
	int status;

	if (waitpid(machine->init, &status, WNOHANG) != machine->init)
		return false;
	machine->init = 0;
	progress->exit_signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	progress->finished = now();
	progress->exit_code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	return true;
}

/* One round of poll: signals first, then each copy. Returns what poll returned, or 0 when a signal comes after the end of init. */
static int round_of_poll(struct machine *machine, int signals, int timeout)
{
	struct pollfd fds[7] = { { .fd = signals, .events = POLLIN } };
	struct signalfd_siginfo info;
	int ready;

	for (int i = 0; i < 3; i++) {
		struct copy *copy = &copies[i];

		fds[1 + 2 * i] = (struct pollfd){ .fd = copy->end == 0 ? copy->from : -1, .events = POLLIN };
		fds[2 + 2 * i] = (struct pollfd){ .fd = copy->end > 0 ? copy->to : -1, .events = POLLOUT };
	}
	ready = poll(fds, 7, timeout);
	if (ready <= 0)
		return ready;
	if (fds[0].revents && read(signals, &info, sizeof(info)) == sizeof(info)) {
		if (machine->init > 0)
			pass_signal(machine, (int)info.ssi_signo);
		else if (info.ssi_signo == SIGINT || info.ssi_signo == SIGTERM || info.ssi_signo == SIGHUP)
			return 0;
	}
	for (int i = 0; i < 3; i++)
		if (copies[i].from >= 0 && !move(machine->progress, &copies[i], fds[1 + 2 * i].revents, fds[2 + 2 * i].revents))
			end_of_copy(machine, i);
	return ready;
}

/* What the container wrote before its end still comes, however slowly it is read; what others hold open may go on. */
static void drain(struct machine *machine, int signals)
{
	for (int left = DRAIN_READS; left > 0;) {
		bool is_held = copies[1].end > 0 || copies[2].end > 0;

		if (round_of_poll(machine, signals, is_held ? -1 : 0) <= 0)
			return;
		left -= !is_held;
	}
}

/* Its program too: a change of user has cleared its parent-death signal. */
static void kill_probe(void)
{
	if (probe <= 0)
		return;
	kill(probe, SIGKILL);
	if (probe_progress->exit_code < 0 && probe_progress->init > 0)
		kill(probe_progress->init, SIGKILL);
}

/* How many milliseconds may pass until the next look; -1: any. */
static int look_after_probe(const struct machine *machine)
{
	uint64_t time = clock_now(CLOCK_MONOTONIC) / 1000000;

	if (!machine->probe)
		return -1;
	if (!probe_due || (probe > 0 && waitpid(probe, NULL, WNOHANG) == probe)) {
		probe = 0;
		probe_due = time + machine->probe->arg[2];
	} else if (probe_due <= time) {
		kill_probe();
		if (probe > 0)
			probe_progress->finished = now(); /* without an exit code */
		else
			probe = begin_probe(machine, probes++, &probe_progress);
		probe_due = time + machine->probe->arg[probe > 0 ? 3 : 2];
	}
	return (int)(probe_due - time);
}

int supervise(struct machine *machine, int raw_terminal, bool terminal_input)
{
	struct termios before, raw;
	sigset_t all;
	int signals;

	sigfillset(&all);
	signals = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
	if (signals < 0)
		return -1;
	if (raw_terminal && tcgetattr(STDIN_FILENO, &before))
		raw_terminal = 0;
	if (raw_terminal) {
		raw = before;
		cfmakeraw(&raw);
		if (raw_terminal == RAW_BUT_LINES)
			raw.c_oflag = before.c_oflag;
		tcsetattr(STDIN_FILENO, TCSANOW, &raw);
		copy_window_size(STDIN_FILENO, machine->terminal);
	}
	start_copies(machine, terminal_input);
	while (!note_end(machine))
		round_of_poll(machine, signals, look_after_probe(machine));
	kill_probe();
	end_process(probe);
	end_of_copy(machine, 0);
	drain(machine, signals);
	if (raw_terminal)
		tcsetattr(STDIN_FILENO, TCSANOW, &before);
	close(signals);
	return 0;
}

/* Pid 1 stays here: it reaps whatever it inherits, passes signals to the one child and ends with it (--init). */
static void be_reaper(const struct machine *machine, pid_t child)
{
	sigset_t all;
	int signal, status;
	pid_t ended;

	/* Its child may read and write its memory: nothing of the host stays there. */
	munmap(machine->progress, machine->progress_size);
	munmap((void *)machine->plan.header, machine->plan.header->size);
	close(machine->peer);
	sigfillset(&all);
	for (;;) {
		if (sigwait(&all, &signal))
			continue;
		if (signal != SIGCHLD) {
			kill(child, signal);
			continue;
		}
		while ((ended = waitpid(-1, &status, WNOHANG)) > 0)
			if (ended == child)
				_exit(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
	}
}

int reap(struct machine *machine)
{
	pid_t child = fork();

	if (child > 0)
		be_reaper(machine, child);
	/* fork clears it; where the reaper is not the first process of its pid namespace, nothing else ends the child. */
	if (child == 0 && prctl(PR_SET_PDEATHSIG, SIGKILL))
		return -1;
	if (child == 0 && !setpgid(0, 0) && isatty(STDIN_FILENO))
		tcsetpgrp(STDIN_FILENO, getpid()); /* SIGTTOU is blocked here */
	return child;
}
