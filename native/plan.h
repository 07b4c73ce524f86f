/* The plan as it comes over the wire, and the two processes that execute it. src/native/encode.ts writes what is read here. */
#ifndef TSRUN_PLAN_H
#define TSRUN_PLAN_H

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#include "step_ops.h"

#define PLAN_MAGIC "TSRP"
#define MAX_TOLERATED 4
#define EHOOK 200 /* no errno of the kernel: a hook ended with another status than 0 */

enum list { LIST_SETUP, LIST_INIT, LIST_TEARDOWN, LIST_COUNT };

/* One step: 64 bytes, little endian. An argument is a number, an offset into the data (str, strs), or offset << 32 | length (bytes). */
struct step {
	uint16_t op;
	uint16_t zero;
	uint8_t tolerate[MAX_TOLERATED];
	uint32_t after; /* teardown only: runs when setup has begun step `after` - 1; 0: always */
	uint32_t zero2;
	uint64_t arg[MAX_ARGS];
};

struct plan_header {
	char magic[4];
	uint32_t version;
	uint32_t size;
	uint32_t count[LIST_COUNT];
	uint32_t data_offset;
	uint32_t data_size;
	uint32_t reporter; /* strs: the program that words a failure; 0: none */
	uint32_t notes_offset; /* for the reporter; never read here */
	uint32_t notes_size;
	uint32_t successor; /* strs: the program that this one becomes after the end; 0: none */
	uint32_t zero[4];
};

struct plan {
	const struct plan_header *header;
	const struct step *steps[LIST_COUNT];
	const char *data;
};

struct bytes {
	const void *data;
	size_t size;
};

/* Shared between supervisor, init and, through the file, every later tsrun command. src/native/progress.ts reads it. */
struct progress {
	char magic[4];
	uint32_t version;
	int32_t supervisor; /* before it has begun: who steps through the plan */
	int32_t init;
	uint32_t begun[LIST_COUNT]; /* index of the newest begun step + 1 */
	int32_t failed_list; /* -1: none */
	uint32_t failed_step;
	int32_t failed_errno;
	int32_t exit_code; /* -1 until init has ended */
	int32_t exit_signal;
	uint64_t started; /* CLOCK_REALTIME, nanoseconds; 0: not yet */
	uint64_t finished;
	uint64_t torn_down; /* when every step of the teardown was done */
	uint64_t init_start; /* of /proc/<init>/stat: tells init from a later process of its number */
	uint64_t hook_status; /* of wait(2), with EHOOK */
	uint64_t created; /* when init began to wait for its start */
	char hook_output[256]; /* how the output of a hook began that failed, with EHOOK */
	uint32_t log_errno; /* why the newest line is not in the log yet */
	uint32_t has_noticed; /* OP_NOTICE_IF_GROWN had something to say */
};

/* One for each step of the plan, behind the progress where the file is long enough. CLOCK_REALTIME: no namespace shifts it. */
struct timing {
	uint64_t began; /* nanoseconds; 0: not begun */
	uint64_t ended; /* 0: not yet, or it became the program */
	uint64_t error; /* errno, also one that is accepted */
	volatile uint64_t verdict; /* of whoever steps through the plan; nobody else waits for one */
};

enum verdict { HOLD, GO, SKIP, QUIT };

_Static_assert(sizeof(struct step) == 64, "wire format");
_Static_assert(sizeof(struct plan_header) == 64, "wire format");
_Static_assert(sizeof(struct progress) == 360, "wire format");
_Static_assert(sizeof(struct timing) == 32, "wire format");

struct stream {
	int child;
	int parent;
};

/* What one process of the machine holds. Every descriptor is close-on-exec; -1: none. */
struct machine {
	struct plan plan;
	struct progress *progress;
	size_t progress_size; /* with the timings */
	enum list list;
	int peer; /* the socket to the other process */
	int root; /* O_PATH of the root file system */
	int proc; /* a proc mount of our own, attached nowhere */
	int terminal; /* supervisor: master; init: slave, and before that a mount that the supervisor has sent */
	int bound; /* the newest bind mount, and where it was made */
	const char *bound_target;
	int mask; /* the first directory that was masked: the others show it too */
	pid_t init;
	pid_t stepper; /* the parent, where it lets each step go by itself; else 0 */
	int agent; /* answers calls of the container */
	int target; /* pidfd of the process whose namespaces are joined */
	int start; /* init of a created container waits there for its start, and holds it until exec */
	const struct step *probe; /* the health check; NULL: none */
	unsigned int preserved; /* descriptors of the caller from 3 on that the program gets */
	struct stream stream[3];
};

/* Where nothing else is said: 0 or a descriptor, or -1 with errno. */

/* decode.c: plan_map and plan_check return 0 or an errno */
int plan_map(struct plan *plan, int fd);
int plan_check(struct plan *plan, const void *buffer, size_t size);
const char *plan_str(const struct plan *plan, uint64_t arg);
struct bytes plan_bytes(const struct plan *plan, uint64_t arg);
char **plan_strs(const struct plan *plan, uint64_t arg);

/* plan.c: -1 and errno where the call fails */
int execute(struct machine *machine, const struct step *step);

/* steps.c: 0 or an errno */
int run_list(struct machine *machine, enum list list);
void quit_init(const struct machine *machine);

/* in_root.c */
#define INSIDE_PROC (1ULL << 32) /* of a plan: a new mount may lie in a proc file system */
#define OUTSIDE_PROC INSIDE_PROC /* of in_root_open: what is found may not */
struct fd_path {
	char text[32];
};
struct fd_path fd_path(int fd);
int open_resolving(int dir, const char *path, int flags, uint64_t resolve);
int in_root_open(int root, const char *path, int flags, uint64_t resolve);
int in_root_make(int root, const char *path, mode_t mode);
int in_root_mknod(int root, const char *path, mode_t mode, dev_t device, uid_t uid, gid_t gid);
int in_root_symlink(int root, const char *target, const char *path, bool replace);

/* files.c */
int open_process(pid_t pid, const char *file, int flags);
int write_fd(int fd, struct bytes bytes);
int write_path(const char *path, struct bytes bytes);
int write_process(pid_t pid, const char *file, struct bytes bytes);
int write_proc(const struct machine *machine, const char *path, struct bytes bytes);
int write_pid(const struct machine *machine, const char *path, const char *temporary);
int attach_init(const struct machine *machine, const char *path);
int unlink_link(const char *path, const char *target);
int open_proc(struct machine *machine);
struct dirent;
typedef int visitor(int dir, const struct dirent *entry, int *context);
int each_entry(int dir, visitor *visit, int *context);
int remove_tree(const char *path);
int copy_tree(int from, int to);

/* mount.c */
int mount_in_root(struct machine *machine, const char *source, const char *target, const char *type, unsigned long flags,
		  const char *data, uint64_t resolve);
int mount_setattr_in_root(const struct machine *machine, const char *target, const uint64_t *attributes, unsigned int flags);
int mask_in_root(struct machine *machine, const char *path);
int readonly_in_root(const struct machine *machine, const char *path);
int tmpfs_in_root(const struct machine *machine, const char *source, const char *target, unsigned long flags, const char *data,
		  bool is_copy);
int mount_idmapped(const struct machine *machine, const char *source, const char *target);
int send_source(const struct machine *machine, const struct step *step);
int send_mapped(const struct machine *machine, const struct step *step);
int pivot(const struct machine *machine);
int move_root(const struct machine *machine);

/* cgroup.c */
int cgroup_kill(const char *path, uint64_t timeout_ms);
int cgroup_require_empty(const char *path);
int cgroup_remove(const char *path, uint64_t timeout_ms);
int cgroup_attach_device_program(const char *path, struct bytes program);
int cgroup_notice(const char *path, const char *key, struct bytes notice, uint32_t *has_noticed);

/* socket.c */
int send_fd(int peer, const char *text, int fd);
char receive_fd(int peer, int *fd);
int connect_socket(const char *path);
int send_descriptor(const struct machine *machine, const char *path, const char *name, bool is_pidfd);
int netlink_request(int protocol, struct bytes message);
int move_link(const struct machine *machine, struct bytes message);

/* terminal.c */
int terminal_open(struct machine *machine, uint16_t rows, uint16_t columns, uid_t uid, uint64_t flags);

/* process.c */
#define HELD (1U << 31) /* of close_all: what the caller has preserved is for the supervisor alone */
int drop_bounding(uint64_t keep);
int raise_ambient(uint64_t set);
int set_capabilities(uint64_t effective, uint64_t permitted, uint64_t inheritable);
int seccomp_filter(struct bytes filter, unsigned int flags);
int open_null(const char *path);
int standard_stream(const struct machine *machine, int fd, const char *path, int flags);
int change_directory(const struct machine *machine, const char *path);
int close_all(const struct machine *machine, unsigned int flags);
int find_program(char **paths);
int exec_first(const struct machine *machine, const struct step *step);
void exec_unblocked(const char *path, char **argv, char **env);

/* lifecycle.c */
int open_start(struct machine *machine, const char *path);
int await_start(struct machine *machine);
int run_hook(const struct machine *machine, const struct step *step);
int seccomp_notify(const struct machine *machine, const struct step *step);
int open_target(struct machine *machine, pid_t pid, uint64_t start_time);
uint64_t start_time_of(pid_t pid);

/* log.c */
int open_log(const char *path, uint64_t max_size, uint64_t files);
bool has_log(void);
size_t log_text(struct progress *progress, const char *stream, const char *text, size_t size);

/* init.c */
int clone_init(struct machine *machine, uint64_t flags, const char *cgroup);
int fork_init(const struct machine *machine);
void end_process(pid_t pid);
int turn(struct machine *machine);
pid_t begin_probe(const struct machine *container, unsigned int number, struct progress **progress);
void end_with_supervisor(const struct machine *machine);
uint64_t clock_now(clockid_t clock);
#define now() clock_now(CLOCK_REALTIME)

/* supervise.c */
int open_pipe(struct machine *machine, int fd);
int supervise(struct machine *machine, int raw_terminal, bool terminal_input);
int reap(struct machine *machine);

static inline int fail(int error)
{
	errno = error;
	return -1;
}

static inline void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}
#define cleanup_fd __attribute__((cleanup(close_fd)))

#endif
