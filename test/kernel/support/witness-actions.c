/* What the witness tries. Each action prints {"action": …, "errno": 0 or the failure, …}; `write` and the like do one call. */
#define _GNU_SOURCE
#include "witness.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void begin(const char *action, int failure)
{
	json_open('{');
	json_key("action");
	json_text(action);
	json_key("errno");
	json_int(failure);
}

static void number(const char *name, long long value)
{
	json_key(name);
	json_int(value);
}

static void end(void)
{
	json_close('}');
	json_end();
}

static void done(const char *action, int failure)
{
	begin(action, failure);
	end();
}

static long milliseconds(clockid_t clock)
{
	struct timespec t;
	clock_gettime(clock, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int failure_of(long result)
{
	return result < 0 ? errno : 0;
}

static long word(const char *text)
{
	return (long)strtoull(text, NULL, 0);
}

static void do_exit(char **a)
{
	fflush(stdout);
	_exit(atoi(a[0]));
}

/* Pid 1 does not die of its own signals: then the document says that it is still there. */
static void do_signal(char **a)
{
	fflush(stdout);
	done("signal", failure_of(kill(getpid(), atoi(a[0]))));
}

static void do_sleep(char **a)
{
	double seconds = atof(a[0]);
	struct timespec t = { (time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9) };
	done("ready", 0);
	/* A checkpoint interrupts it. */
	while (nanosleep(&t, &t) < 0 && errno == EINTR)
		;
}

static void do_alloc(char **a)
{
	long mib = atol(a[0]);
	char *memory = mmap(NULL, (size_t)mib << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED) {
		done("alloc", errno);
		return;
	}
	for (long at = 0; at < mib << 20; at += 4096)
		memory[at] = (char)at | 1;
	begin("alloc", 0);
	number("mib", mib);
	end();
}

/* Children that wait, until fork fails or there are as many as told; then all of them are killed and reaped. */
static void do_forks(char **a)
{
	long most = atol(a[0]), count = 0;
	pid_t *children = calloc((size_t)most + 1, sizeof *children);
	int failure = 0;
	while (count < most) {
		pid_t child = fork();
		if (child == 0) {
			pause();
			_exit(0);
		}
		if (child < 0) {
			failure = errno;
			break;
		}
		children[count++] = child;
	}
	for (long i = 0; i < count; i++)
		kill(children[i], SIGKILL);
	for (long i = 0; i < count; i++)
		waitpid(children[i], NULL, 0);
	free(children);
	begin("forks", failure);
	number("count", count);
	end();
}

static void do_burn(char **a)
{
	long wall = milliseconds(CLOCK_MONOTONIC), cpu = milliseconds(CLOCK_PROCESS_CPUTIME_ID), limit = wall + atol(a[0]);
	while (milliseconds(CLOCK_MONOTONIC) < limit)
		;
	begin("burn", 0);
	number("cpuMs", milliseconds(CLOCK_PROCESS_CPUTIME_ID) - cpu);
	number("wallMs", milliseconds(CLOCK_MONOTONIC) - wall);
	end();
}

static void do_write(char **a)
{
	int fd = open(a[0], O_WRONLY | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0644);
	int failure = failure_of(fd);
	if (fd >= 0) {
		failure = failure_of(write(fd, a[1], strlen(a[1])));
		if (close(fd) < 0 && failure == 0)
			failure = errno;
	}
	done("write", failure);
}

static void do_read(char **a)
{
	char *text = read_file(a[0]);
	begin("read", text ? 0 : errno);
	json_key("text");
	if (text)
		json_text(text);
	else
		json_null();
	end();
}

static void do_open(char **a)
{
	int fd = open(a[0], (int)word(a[1]) | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0644);
	done("open", failure_of(fd));
	if (fd >= 0)
		close(fd);
}

static void do_mkdir(char **a)
{
	done("mkdir", failure_of(mkdir(a[0], 0755)));
}

static void do_mknod(char **a)
{
	mode_t type = a[1][0] == 'c' ? S_IFCHR : a[1][0] == 'b' ? S_IFBLK : S_IFIFO;
	done("mknod", failure_of(mknod(a[0], type | 0666, makedev((unsigned)word(a[2]), (unsigned)word(a[3])))));
}

static void do_chown(char **a)
{
	done("chown", failure_of(lchown(a[0], (uid_t)word(a[1]), (gid_t)word(a[2]))));
}

static void do_mount(char **a)
{
	done("mount", failure_of(mount(a[0], a[1], a[2], (unsigned long)word(a[3]), NULL)));
}

static void do_umount(char **a)
{
	done("umount", failure_of(umount2(a[0], (int)word(a[1]))));
}

static void do_unshare(char **a)
{
	done("unshare", failure_of(unshare((int)word(a[0]))));
}

static void do_stat(char **a)
{
	struct stat st;
	begin("stat", failure_of(lstat(a[0], &st)));
	number("mode", st.st_mode);
	number("uid", st.st_uid);
	number("gid", st.st_gid);
	number("size", st.st_size);
	number("rdev", (long long)st.st_rdev);
	number("mtime", st.st_mtim.tv_sec);
	number("mtimeNs", st.st_mtim.tv_nsec);
	end();
}

/* All six arguments are 0 unless the caller means `syscall-with`: enough to see a filter, harmless where there is none. */
static void do_syscall(char **a)
{
	long result = syscall(word(a[0]), 0, 0, 0, 0, 0, 0);
	begin("syscall", failure_of(result));
	number("result", result);
	end();
}

static void do_syscall_with(char **a)
{
	long result = syscall(word(a[0]), word(a[1]), word(a[2]), word(a[3]));
	begin("syscall-with", failure_of(result));
	number("result", result);
	end();
}

/* A grandchild outlives its parent, ends, and is looked at after 200 ms: reaped means that its pid is gone. */
static void do_zombies(char **a)
{
	(void)a;
	int ends[2];
	pid_t orphan = 0;
	if (pipe(ends) < 0) {
		done("zombies", errno);
		return;
	}
	pid_t child = fork();
	if (child == 0) {
		pid_t grandchild = fork();
		if (grandchild == 0) {
			usleep(50000);
			_exit(0);
		}
		_exit(write(ends[1], &grandchild, sizeof grandchild) < 0);
	}
	int failure = failure_of(read(ends[0], &orphan, sizeof orphan));
	waitpid(child, NULL, 0);
	usleep(250000);
	begin("zombies", failure);
	number("orphan", orphan);
	number("reaped", kill(orphan, 0) < 0 && errno == ESRCH);
	end();
	close(ends[0]);
	close(ends[1]);
}

/* Directories in each other, as many as told, deeper than a path may be long. */
static void do_deep(char **a)
{
	long most = atol(a[1]), count = 0;
	int failure = failure_of(chdir(a[0]));
	while (failure == 0 && count < most) {
		failure = failure_of(mkdir("deep", 0700)) ? errno : failure_of(chdir("deep"));
		count += failure == 0;
	}
	begin("deep", failure);
	number("count", count);
	end();
}

static void do_kill(char **a)
{
	done("kill", failure_of(kill((pid_t)word(a[0]), (int)word(a[1]))));
}

static void do_ptrace(char **a)
{
	long result = ptrace(PTRACE_SEIZE, (pid_t)word(a[0]), NULL, NULL);
	done("ptrace", failure_of(result));
	if (result == 0)
		ptrace(PTRACE_DETACH, (pid_t)word(a[0]), NULL, NULL);
}

/* TIOCSTI pushes a key into the terminal's input, CVE-2017-5226. */
static void do_tiocsti(char **a)
{
	done("tiocsti", failure_of(ioctl(0, TIOCSTI, a[0])));
}

static void do_window(char **a)
{
	(void)a;
	struct winsize size = { 0 };
	begin("window", failure_of(ioctl(0, TIOCGWINSZ, &size)));
	number("rows", size.ws_row);
	number("columns", size.ws_col);
	end();
}

/* Prints a document when it is ready, and one for each signal, until a SIGTERM or the time is over. */
static void do_signals(char **a)
{
	sigset_t all;
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	done("ready", 0);
	struct timespec limit = { atol(a[0]), 0 };
	int caught;
	do {
		caught = sigtimedwait(&all, NULL, &limit);
		begin("signals", failure_of(caught));
		number("signal", caught);
		end();
	} while (caught > 0 && caught != SIGTERM);
}

/* How the kernel schedules the process, reads and writes for it, and where its memory comes from. */
static void do_scheduling(char **a)
{
	(void)a;
	struct {
		unsigned int size, policy;
		unsigned long long flags;
		int nice;
		unsigned int priority;
		unsigned long long runtime, deadline, period;
		unsigned int clamps[2];
	} attr = { 0 };
	struct utsname uts;
	cpu_set_t cpus;
	int mode = -1;
	unsigned long nodes[16] = { 0 };
	int failure = failure_of(syscall(SYS_sched_getattr, 0, &attr, sizeof attr, 0));
	uname(&uts);
	sched_getaffinity(0, sizeof cpus, &cpus);
	begin("scheduling", failure);
	number("policy", attr.policy);
	number("flags", (long long)attr.flags);
	number("nice", attr.nice);
	number("priority", attr.priority);
	number("runtime", (long long)attr.runtime);
	number("deadline", (long long)attr.deadline);
	number("period", (long long)attr.period);
	number("ioprio", syscall(SYS_ioprio_get, 1, 0));
	number("cpus", CPU_COUNT(&cpus));
	number("personality", syscall(SYS_personality, 0xffffffff));
	number("mempolicyErrno", failure_of(syscall(SYS_get_mempolicy, &mode, nodes, 8 * sizeof nodes, NULL, 0)));
	number("mempolicy", mode);
	number("nodes", (long long)nodes[0]);
	json_key("machine");
	json_text(uts.machine);
	end();
}

static void do_stdin(char **a)
{
	(void)a;
	static char text[64 * 1024];
	size_t length = fread(text, 1, sizeof text - 1, stdin);
	text[length] = 0;
	begin("stdin", ferror(stdin) ? errno : 0);
	json_key("text");
	json_text(text);
	end();
}

static void do_stderr(char **a)
{
	fprintf(stderr, "%s\n", a[0]);
}

int run_action(int count, char **words)
{
	static const struct {
		const char *name;
		int args;
		void (*run)(char **);
	} actions[] = {
		{ "exit", 1, do_exit },	      { "signal", 1, do_signal },   { "sleep", 1, do_sleep },
		{ "alloc", 1, do_alloc },     { "forks", 1, do_forks },	    { "burn", 1, do_burn },
		{ "write", 2, do_write },     { "read", 1, do_read },	    { "open", 2, do_open },
		{ "mkdir", 1, do_mkdir },     { "mknod", 4, do_mknod },	    { "chown", 3, do_chown },
		{ "mount", 4, do_mount },     { "umount", 2, do_umount },   { "unshare", 1, do_unshare },
		{ "stat", 1, do_stat },	      { "syscall", 1, do_syscall }, { "syscall-with", 4, do_syscall_with },
		{ "zombies", 0, do_zombies }, { "kill", 2, do_kill },	    { "ptrace", 1, do_ptrace },
		{ "tiocsti", 1, do_tiocsti }, { "window", 0, do_window },   { "signals", 1, do_signals },
		{ "stdin", 0, do_stdin },     { "stderr", 1, do_stderr },
		{ "deep", 2, do_deep },	      { "scheduling", 0, do_scheduling },
	};
	for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++) {
		if (strcmp(words[0], actions[i].name) == 0 && count > actions[i].args) {
			actions[i].run(words + 1);
			return actions[i].args + 1;
		}
	}
	return 0;
}
