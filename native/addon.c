/*
 * tsrun.node: system calls that Node lacks, one function each. CALLS is the whole list. A function takes numbers, strings and
 * byte arrays, and returns what the call returned, or -errno: src/native makes the errors and checks the arguments.
 *
 * The calls act on the calling thread. The descriptors they return are what the flags made them.
 */
#define _GNU_SOURCE
#define NAPI_VERSION 8
#include <node_api.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/openat2.h>
#include <math.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#define MAX_ARGS 9
#define ARENA_SIZE 8192

/* One decoded argument. Kinds: i integer, s string or bytes without NUL, o the same or null, b bytes, v array of strings, x integer or string. */
struct arg {
	int64_t i;
	char *s;
	size_t n;
	char **v;
};

/* Where strings live during one call: the stack, and the heap for what is too long for it. */
struct arena {
	size_t used;
	void *heap;
	_Alignas(16) char bytes[ARENA_SIZE];
};

struct call {
	const char *name;
	const char *kinds;
	long (*run)(const struct arg *a);
};

static long do_openat2(int dirfd, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve)
{
	struct open_how how = { .flags = flags, .mode = mode, .resolve = resolve };

	return syscall(SYS_openat2, dirfd, path, &how, sizeof(how));
}

/* Eleven 64-bit words: ten doubles, then the inode number, which may need more than a double's 53 bits. */
static long do_fstatat(int dirfd, const char *path, int flags, const struct arg *out)
{
	double words[10];
	struct stat st;
	uint64_t ino;

	if (out->n < sizeof(words) + sizeof(ino)) {
		errno = EINVAL;
		return -1;
	}
	if (fstatat(dirfd, path, &st, flags) < 0)
		return -1;
	words[0] = st.st_mode;
	words[1] = st.st_uid;
	words[2] = st.st_gid;
	words[3] = (double)st.st_size;
	words[4] = (double)st.st_nlink;
	words[5] = (double)st.st_dev;
	words[6] = major(st.st_rdev);
	words[7] = minor(st.st_rdev);
	words[8] = (double)st.st_mtim.tv_sec;
	words[9] = (double)st.st_mtim.tv_nsec;
	ino = st.st_ino;
	memcpy(out->s, words, sizeof(words));
	memcpy(out->s + sizeof(words), &ino, sizeof(ino));
	return 0;
}

static long do_utimensat(int dirfd, const char *path, int64_t sec, int64_t nsec, int flags)
{
	const struct timespec times[2] = { { sec, nsec }, { sec, nsec } };

	return utimensat(dirfd, path, times, flags);
}

static long do_setcloexec(int fd, bool on)
{
	int flags = fcntl(fd, F_GETFD);

	return flags < 0 ? -1 : fcntl(fd, F_SETFD, on ? flags | FD_CLOEXEC : flags & ~FD_CLOEXEC);
}

/* Six 32-bit words: effective, permitted, inheritable of capabilities 0-31, then of 32-63. */
static long do_cap(long number, int pid, const struct arg *sets)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, pid };

	if (sets->n < 2 * sizeof(struct __user_cap_data_struct)) {
		errno = EINVAL;
		return -1;
	}
	return syscall(number, &header, sets->s);
}

/* Two 32-bit words: the exit code, or -1 and the signal. */
static long do_waitpid(int pid, int options, const struct arg *out)
{
	int status = 0, words[2];
	long done;

	if (out->n < sizeof(words)) {
		errno = EINVAL;
		return -1;
	}
	do
		done = waitpid(pid, &status, options);
	while (done < 0 && errno == EINTR);
	words[0] = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	words[1] = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	memcpy(out->s, words, sizeof(words));
	return done;
}

static long do_flock(int fd, int operation)
{
	long done;

	do
		done = flock(fd, operation);
	while (done < 0 && errno == EINTR);
	return done;
}

/* Calls with arguments that the kernel refuses before it does anything; a seccomp filter or an old kernel answers earlier. */
static long do_probe(const char *name)
{
	static const struct {
		const char *name;
		long number, a[5];
	} probes[] = {
		{ "openat2", SYS_openat2, { -1 } },
		{ "clone3", SYS_clone3, { 0 } },
		{ "close_range", SYS_close_range, { 1, 0, 0 } },
		{ "pidfd_open", SYS_pidfd_open, { 0 } },
		{ "mount_setattr", SYS_mount_setattr, { -1 } },
		{ "fsopen", SYS_fsopen, { 0, -1 } },
		{ "seccomp", SYS_seccomp, { -1 } },
	};

	for (size_t i = 0; i < sizeof(probes) / sizeof(probes[0]); i++) {
		const long *a = probes[i].a;

		if (strcmp(probes[i].name, name) == 0)
			return syscall(probes[i].number, a[0], a[1], a[2], a[3], a[4]) < 0 ? errno : 0;
	}
	errno = EINVAL;
	return -1;
}

/* Ignored signals and the mask survive exec: undo what Node and its caller changed. Handlers the kernel resets by itself. */
static void default_signals(struct sigaction *before)
{
	struct sigaction action = { .sa_handler = SIG_DFL }, ignored;

	for (int signal_number = 1; signal_number < NSIG; signal_number++) {
		struct sigaction *old = before ? &before[signal_number] : &ignored;

		memset(old, 0, sizeof(*old));
		if (sigaction(signal_number, NULL, old) == 0 && old->sa_handler == SIG_IGN)
			sigaction(signal_number, &action, NULL);
	}
}

/* Node makes the standard streams close on exec, and may make them non-blocking. */
static void prepare_stream(int fd, int *status, int *inherited)
{
	*status = fcntl(fd, F_GETFL);
	*inherited = fcntl(fd, F_GETFD);
	if (*status >= 0 && *status & O_NONBLOCK)
		fcntl(fd, F_SETFL, *status & ~O_NONBLOCK);
	if (*inherited >= 0)
		fcntl(fd, F_SETFD, *inherited & ~FD_CLOEXEC);
}

static long do_execve(const char *path, char **argv, char **env)
{
	struct sigaction before[NSIG];
	int status[3], inherited[3], error;
	sigset_t none, mask;

	sigemptyset(&none);
	default_signals(before);
	pthread_sigmask(SIG_SETMASK, &none, &mask);
	for (int fd = 0; fd < 3; fd++)
		prepare_stream(fd, &status[fd], &inherited[fd]);
	execve(path, argv, env);
	error = errno;
	for (int fd = 0; fd < 3; fd++) {
		if (status[fd] >= 0)
			fcntl(fd, F_SETFL, status[fd]);
		if (inherited[fd] >= 0)
			fcntl(fd, F_SETFD, inherited[fd]);
	}
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
	for (int signal_number = 1; signal_number < NSIG; signal_number++)
		if (before[signal_number].sa_handler == SIG_IGN)
			sigaction(signal_number, &before[signal_number], NULL);
	errno = error;
	return -1;
}

enum spawn_stage { SPAWN_CLONE, SPAWN_DUP, SPAWN_CHDIR, SPAWN_EXEC };

struct spawn_failure {
	int stage;
	int error;
};

/* In the new process, a copy of one thread of many: nothing but system calls. */
_Noreturn static void spawn_child(const struct arg *a, int report)
{
	struct spawn_failure failure = { .stage = SPAWN_DUP };
	sigset_t none;
	int fds[3];

	default_signals(NULL);
	/* First out of the way, so that [2, 1, 0] is a legal wish; dup2 of the copies then clears FD_CLOEXEC. */
	for (int i = 0; i < 3; i++) {
		fds[i] = fcntl((int)a[5 + i].i, F_DUPFD_CLOEXEC, 3);
		if (fds[i] < 0)
			goto failed;
	}
	for (int i = 0; i < 3; i++) {
		int flags = dup2(fds[i], i) < 0 ? -1 : fcntl(i, F_GETFL);

		if (flags < 0)
			goto failed;
		if (flags & O_NONBLOCK)
			fcntl(i, F_SETFL, flags & ~O_NONBLOCK);
	}
	failure.stage = SPAWN_CHDIR;
	if (a[4].s && chdir(a[4].s) < 0)
		goto failed;
	failure.stage = SPAWN_EXEC;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execve(a[1].s, a[2].v, a[3].v);
failed:
	failure.error = errno;
	if (write(report, &failure, sizeof(failure)) < 0)
		_exit(126);
	_exit(127);
}

/* flags, path, argv, env, cwd, three descriptors, out: the stage that failed */
static long do_spawn(const struct arg *a)
{
	struct spawn_failure failure = { SPAWN_CLONE, 0 };
	sigset_t all, mask;
	int report[2];
	ssize_t got;
	long pid;

	if (a[8].n < sizeof(failure.stage)) {
		errno = EINVAL;
		return -1;
	}
	if (pipe2(report, O_CLOEXEC) < 0)
		return -1;
	/* A handler of Node that ran in the child would write into the parent's pipes. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &mask);
	pid = syscall(SYS_clone, (unsigned long)a[0].i | SIGCHLD, 0L, 0L, 0L, 0L);
	if (pid == 0)
		spawn_child(a, report[1]);
	failure.error = errno;
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
	close(report[1]);
	if (pid > 0) {
		failure.error = 0;
		do
			got = read(report[0], &failure, sizeof(failure));
		while (got < 0 && errno == EINTR);
		if (failure.error)
			while (waitpid((pid_t)pid, NULL, 0) < 0 && errno == EINTR)
				;
	}
	close(report[0]);
	memcpy(a[8].s, &failure.stage, sizeof(failure.stage));
	errno = failure.error;
	return failure.error ? -1 : pid;
}

#define PTR(arg) ((arg).s ? (unsigned long)(arg).s : (unsigned long)(arg).i)

/* name, kinds of the arguments, the call */
#define CALLS(X) \
	X(unshare, "i", unshare((int)a[0].i)) \
	X(setns, "ii", setns((int)a[0].i, (int)a[1].i)) \
	X(sethostname, "s", sethostname(a[0].s, a[0].n)) \
	X(setdomainname, "s", setdomainname(a[0].s, a[0].n)) \
	X(mount, "ossio", mount(a[0].s, a[1].s, a[2].s, (unsigned long)a[3].i, a[4].s)) \
	X(umount2, "si", umount2(a[0].s, (int)a[1].i)) \
	X(pivotRoot, "ss", syscall(SYS_pivot_root, a[0].s, a[1].s)) \
	X(chroot, "s", chroot(a[0].s)) \
	X(spawn, "isvvoiiib", do_spawn(a)) \
	X(waitpid, "iib", do_waitpid((int)a[0].i, (int)a[1].i, &a[2])) \
	X(execve, "svv", do_execve(a[0].s, a[1].v, a[2].v)) \
	X(prctl, "ixxxx", prctl((int)a[0].i, PTR(a[1]), PTR(a[2]), PTR(a[3]), PTR(a[4]))) \
	X(capget, "ib", do_cap(SYS_capget, (int)a[0].i, &a[1])) \
	X(capset, "ib", do_cap(SYS_capset, (int)a[0].i, &a[1])) \
	X(pidfdOpen, "ii", syscall(SYS_pidfd_open, (pid_t)a[0].i, (unsigned)a[1].i)) \
	X(pidfdSendSignal, "ii", syscall(SYS_pidfd_send_signal, (int)a[0].i, (int)a[1].i, NULL, 0U)) \
	X(openat2, "isiii", do_openat2((int)a[0].i, a[1].s, (uint64_t)a[2].i, (uint64_t)a[3].i, (uint64_t)a[4].i)) \
	X(mkdirat, "isi", mkdirat((int)a[0].i, a[1].s, (mode_t)a[2].i)) \
	X(mknodat, "isiii", mknodat((int)a[0].i, a[1].s, (mode_t)a[2].i, makedev((unsigned)a[3].i, (unsigned)a[4].i))) \
	X(symlinkat, "sis", symlinkat(a[0].s, (int)a[1].i, a[2].s)) \
	X(linkat, "isisi", linkat((int)a[0].i, a[1].s, (int)a[2].i, a[3].s, (int)a[4].i)) \
	X(unlinkat, "isi", unlinkat((int)a[0].i, a[1].s, (int)a[2].i)) \
	X(renameat2, "isisi", renameat2((int)a[0].i, a[1].s, (int)a[2].i, a[3].s, (unsigned)a[4].i)) \
	X(readlinkat, "isb", readlinkat((int)a[0].i, a[1].s, a[2].s, a[2].n)) \
	X(fstatat, "isib", do_fstatat((int)a[0].i, a[1].s, (int)a[2].i, &a[3])) \
	X(fchownat, "isiii", fchownat((int)a[0].i, a[1].s, (uid_t)a[2].i, (gid_t)a[3].i, (int)a[4].i)) \
	X(fchmodat, "isii", fchmodat((int)a[0].i, a[1].s, (mode_t)a[2].i, (int)a[3].i)) \
	X(utimensat, "isiii", do_utimensat((int)a[0].i, a[1].s, a[2].i, a[3].i, (int)a[4].i)) \
	X(getxattr, "ssb", getxattr(a[0].s, a[1].s, a[2].s, a[2].n)) \
	X(setxattr, "ssbi", setxattr(a[0].s, a[1].s, a[2].s, a[2].n, (int)a[3].i)) \
	X(lgetxattr, "ssb", lgetxattr(a[0].s, a[1].s, a[2].s, a[2].n)) \
	X(lsetxattr, "ssbi", lsetxattr(a[0].s, a[1].s, a[2].s, a[2].n, (int)a[3].i)) \
	X(llistxattr, "sb", llistxattr(a[0].s, a[1].s, a[1].n)) \
	X(fsetxattr, "isbi", fsetxattr((int)a[0].i, a[1].s, a[2].s, a[2].n, (int)a[3].i)) \
	X(memfdCreate, "si", memfd_create(a[0].s, (unsigned)a[1].i)) \
	X(addSeals, "ii", fcntl((int)a[0].i, F_ADD_SEALS, (int)a[1].i)) \
	X(setCloexec, "ii", do_setcloexec((int)a[0].i, a[1].i != 0)) \
	X(flock, "ii", do_flock((int)a[0].i, (int)a[1].i)) \
	X(isatty, "i", isatty((int)a[0].i)) \
	X(probe, "s", do_probe(a[0].s))

#define DEFINE(name, kinds, expression) \
	static long call_##name(const struct arg *a) \
	{ \
		return expression; \
	}
CALLS(DEFINE)
#undef DEFINE

static const struct call calls[] = {
#define ENTRY(name, kinds, expression) { #name, kinds, call_##name },
	CALLS(ENTRY)
#undef ENTRY
};

static void *arena_take(struct arena *arena, size_t size)
{
	void **block;

	size = (size + 15) & ~(size_t)15;
	if (size <= ARENA_SIZE - arena->used) {
		void *place = arena->bytes + arena->used;

		arena->used += size;
		return place;
	}
	block = malloc(16 + size);
	if (!block)
		return NULL;
	*block = arena->heap;
	arena->heap = block;
	return (char *)block + 16;
}

static void arena_release(struct arena *arena)
{
	while (arena->heap) {
		void *next = *(void **)arena->heap;

		free(arena->heap);
		arena->heap = next;
	}
}

static const char *const not_a_string = "must be a string or bytes";

static const char *get_string(napi_env env, napi_value value, struct arena *arena, struct arg *arg)
{
	size_t room = ARENA_SIZE - arena->used, length;
	bool is_bytes = false;
	void *bytes;

	if (room > 4 && napi_get_value_string_utf8(env, value, arena->bytes + arena->used, room, &length) == napi_ok
	    && length + 4 < room) {
		arg->s = arena_take(arena, length + 1);
	} else if (napi_get_value_string_utf8(env, value, NULL, 0, &length) == napi_ok) {
		arg->s = arena_take(arena, length + 1);
		if (arg->s && napi_get_value_string_utf8(env, value, arg->s, length + 1, &length) != napi_ok)
			return not_a_string;
	} else if (napi_is_buffer(env, value, &is_bytes) == napi_ok && is_bytes) {
		if (napi_get_buffer_info(env, value, &bytes, &length) != napi_ok)
			return not_a_string;
		arg->s = arena_take(arena, length + 1);
		if (arg->s && length)
			memcpy(arg->s, bytes, length);
		if (arg->s)
			arg->s[length] = 0;
	} else {
		return not_a_string;
	}
	if (!arg->s)
		return "is too long";
	arg->n = length;
	return memchr(arg->s, 0, length) ? "must not contain NUL" : NULL;
}

static const char *get_strings(napi_env env, napi_value value, struct arena *arena, struct arg *arg)
{
	uint32_t count;

	if (napi_get_array_length(env, value, &count) != napi_ok)
		return "must be an array";
	arg->v = arena_take(arena, (count + (size_t)1) * sizeof(char *));
	if (!arg->v)
		return "is too long";
	for (uint32_t i = 0; i < count; i++) {
		struct arg item = { 0 };
		napi_value element;
		const char *wrong = napi_get_element(env, value, i, &element) == napi_ok ? get_string(env, element, arena, &item)
											 : not_a_string;

		if (wrong)
			return wrong;
		arg->v[i] = item.s;
	}
	arg->v[count] = NULL;
	return NULL;
}

static const char *get_integer(napi_env env, napi_value value, struct arg *arg)
{
	double number;

	if (napi_get_value_double(env, value, &number) != napi_ok || number != trunc(number) || fabs(number) > 0x1p53)
		return "must be an integer";
	arg->i = (int64_t)number;
	return NULL;
}

/* What is wrong with the argument, or NULL. */
static const char *get_arg(napi_env env, napi_value value, char kind, struct arena *arena, struct arg *arg)
{
	napi_valuetype type;
	bool is_bytes = false;

	switch (kind) {
	case 'i':
		return get_integer(env, value, arg);
	case 's':
		return get_string(env, value, arena, arg);
	case 'v':
		return get_strings(env, value, arena, arg);
	case 'b':
		if (napi_is_buffer(env, value, &is_bytes) != napi_ok || !is_bytes
		    || napi_get_buffer_info(env, value, (void **)&arg->s, &arg->n) != napi_ok)
			return "must be bytes";
		return NULL;
	default:
		if (napi_typeof(env, value, &type) != napi_ok || type == napi_undefined || type == napi_null)
			return NULL;
		return kind == 'x' && type == napi_number ? get_integer(env, value, arg) : get_string(env, value, arena, arg);
	}
}

static napi_value dispatch(napi_env env, napi_callback_info info)
{
	struct arg args[MAX_ARGS] = { 0 };
	napi_value values[MAX_ARGS], result = NULL;
	const struct call *call;
	const char *wrong = NULL;
	size_t count = MAX_ARGS;
	struct arena arena;
	char message[96];
	void *data;

	arena.used = 0;
	arena.heap = NULL;
	if (napi_get_cb_info(env, info, &count, values, NULL, &data) != napi_ok)
		return NULL;
	call = data;
	for (size_t i = 0; call->kinds[i] && !wrong; i++) {
		wrong = get_arg(env, values[i], call->kinds[i], &arena, &args[i]);
		if (wrong) {
			snprintf(message, sizeof(message), "%s: argument %zu %s", call->name, i + 1, wrong);
			napi_throw_type_error(env, NULL, message);
		}
	}
	if (!wrong) {
		long value = call->run(args);

		napi_create_int64(env, value < 0 ? -errno : value, &result);
	}
	arena_release(&arena);
	return result;
}

NAPI_MODULE_INIT()
{
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		napi_value function;

		if (napi_create_function(env, calls[i].name, NAPI_AUTO_LENGTH, dispatch, (void *)&calls[i], &function) != napi_ok
		    || napi_set_named_property(env, exports, calls[i].name, function) != napi_ok)
			return NULL;
	}
	return exports;
}
