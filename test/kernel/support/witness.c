/* The witness: a static program inside the container that says what it sees from there, and tries what it is told to try.
 *
 *   witness                              the report
 *   witness ACTION [ARG…] [-- ACTION …]  each action in turn; see witness-actions.c; `report` is one of them
 */
#define _GNU_SOURCE
#include "witness.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <unistd.h>

static int is_first = 1;

static void separate(void)
{
	if (!is_first)
		putchar(',');
	is_first = 0;
}

void json_open(char bracket)
{
	separate();
	putchar(bracket);
	is_first = 1;
}

void json_close(char bracket)
{
	putchar(bracket);
	is_first = 0;
}

static void quote(const char *text)
{
	putchar('"');
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;
		if (c == '"' || c == '\\')
			printf("\\%c", c);
		else if (c < 0x20)
			printf("\\u%04x", c);
		else
			putchar(c);
	}
	putchar('"');
}

void json_key(const char *name)
{
	separate();
	quote(name);
	putchar(':');
	is_first = 1;
}

void json_int(long long value)
{
	separate();
	printf("%lld", value);
}

void json_text(const char *text)
{
	separate();
	quote(text);
}

void json_null(void)
{
	separate();
	fputs("null", stdout);
}

void json_end(void)
{
	putchar('\n');
	fflush(stdout);
	is_first = 1;
}

static void field_int(const char *name, long long value)
{
	json_key(name);
	json_int(value);
}

static void field_text(const char *name, const char *text)
{
	json_key(name);
	if (text)
		json_text(text);
	else
		json_null();
}

char *read_file(const char *path)
{
	static char buffer[256 * 1024];
	size_t length = 0;
	ssize_t got = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return NULL;
	while (length < sizeof buffer - 1 && (got = read(fd, buffer + length, sizeof buffer - 1 - length)) > 0)
		length += (size_t)got;
	int failure = errno;
	close(fd);
	errno = failure;
	buffer[length] = 0;
	return got < 0 ? NULL : buffer;
}

static const char *link_target(const char *path)
{
	static char target[PATH_MAX + 1];
	ssize_t length = readlink(path, target, PATH_MAX);
	if (length < 0)
		return NULL;
	target[length] = 0;
	return target;
}

static void field_lines(const char *name, const char *path)
{
	char *text = read_file(path), *rest = NULL;
	json_key(name);
	json_open('[');
	for (char *line = text ? strtok_r(text, "\n", &rest) : NULL; line; line = strtok_r(NULL, "\n", &rest))
		json_text(line);
	json_close(']');
}

static void field_strings(const char *name, char **strings)
{
	json_key(name);
	json_open('[');
	for (; *strings; strings++)
		json_text(*strings);
	json_close(']');
}

static void field_mask(const char *name, unsigned long long mask)
{
	char hex[20];
	snprintf(hex, sizeof hex, "%016llx", mask);
	field_text(name, hex);
}

static void capabilities(void)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2] = { 0 };
	unsigned long long bounding = 0, ambient = 0;
	syscall(SYS_capget, &header, data);
	for (int cap = 0; cap < 64; cap++) {
		if (prctl(PR_CAPBSET_READ, cap, 0, 0, 0) == 1)
			bounding |= 1ull << cap;
		if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, cap, 0, 0) == 1)
			ambient |= 1ull << cap;
	}
#define BOTH(set) ((unsigned long long)data[1].set << 32 | data[0].set)
	json_key("capabilities");
	json_open('{');
	field_mask("effective", BOTH(effective));
	field_mask("permitted", BOTH(permitted));
	field_mask("inheritable", BOTH(inheritable));
	field_mask("bounding", bounding);
	field_mask("ambient", ambient);
	json_close('}');
}

static void identity(void)
{
	uid_t ids[3];
	gid_t groups[1024];
	field_int("pid", getpid());
	field_int("ppid", getppid());
	field_int("pgid", getpgid(0));
	field_int("sid", getsid(0));
	getresuid(&ids[0], &ids[1], &ids[2]);
	json_key("uids");
	json_open('[');
	for (int i = 0; i < 3; i++)
		json_int(ids[i]);
	json_close(']');
	getresgid(&ids[0], &ids[1], &ids[2]);
	json_key("gids");
	json_open('[');
	for (int i = 0; i < 3; i++)
		json_int(ids[i]);
	json_close(']');
	json_key("groups");
	json_open('[');
	for (int i = 0, count = getgroups(1024, groups); i < count; i++)
		json_int(groups[i]);
	json_close(']');
}

static void limits(void)
{
	static const char *const names[] = { "cpu", "fsize", "data", "stack", "core", "rss", "nproc", "nofile", "memlock", "as",
					     "locks", "sigpending", "msgqueue", "nice", "rtprio", "rttime" };
	json_key("rlimits");
	json_open('{');
	for (int i = 0; i < 16; i++) {
		struct rlimit limit;
		getrlimit(i, &limit);
		json_key(names[i]);
		json_open('[');
		json_int(limit.rlim_cur == RLIM_INFINITY ? -1 : (long long)limit.rlim_cur);
		json_int(limit.rlim_max == RLIM_INFINITY ? -1 : (long long)limit.rlim_max);
		json_close(']');
	}
	json_close('}');
}

static void namespaces(void)
{
	static const char *const types[] = { "cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts" };
	json_key("namespaces");
	json_open('{');
	for (int i = 0; i < 8; i++) {
		char path[64];
		snprintf(path, sizeof path, "/proc/self/ns/%s", types[i]);
		field_text(types[i], link_target(path));
	}
	json_close('}');
}

/* Without /proc the descriptors are found one by one, and have no target. */
static void descriptors(void)
{
	json_key("fds");
	json_open('[');
	for (int fd = 0; fd < 4096; fd++) {
		char path[64];
		int flags = fcntl(fd, F_GETFD);
		if (flags < 0)
			continue;
		snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
		json_open('{');
		field_int("fd", fd);
		field_text("target", link_target(path));
		field_int("flags", fcntl(fd, F_GETFL));
		json_close('}');
	}
	json_close(']');
}

static void file_facts(const char *path, const struct stat *st)
{
	const char type = S_ISDIR(st->st_mode)	 ? 'd'
			  : S_ISLNK(st->st_mode) ? 'l'
			  : S_ISCHR(st->st_mode) ? 'c'
			  : S_ISBLK(st->st_mode) ? 'b'
			  : S_ISFIFO(st->st_mode) ? 'p'
			  : S_ISSOCK(st->st_mode) ? 's'
						  : '-';
	json_open('{');
	field_text("path", path);
	field_text("type", (char[]){ type, 0 });
	field_int("mode", st->st_mode & 07777);
	field_int("uid", st->st_uid);
	field_int("gid", st->st_gid);
	field_int("major", major(st->st_rdev));
	field_int("minor", minor(st->st_rdev));
	field_text("target", type == 'l' ? link_target(path) : NULL);
	json_close('}');
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static void tree(const char *folder, int depth)
{
	struct dirent **names;
	int count = scandir(folder, &names, NULL, by_name);
	for (int i = 0; i < count; i++) {
		char path[PATH_MAX];
		struct stat st;
		const char *name = names[i]->d_name;
		snprintf(path, sizeof path, "%s/%s", folder, name);
		if (strcmp(name, ".") && strcmp(name, "..") && lstat(path, &st) == 0) {
			file_facts(path, &st);
			if (S_ISDIR(st.st_mode) && depth > 1)
				tree(path, depth - 1);
		}
		free(names[i]);
	}
	if (count >= 0)
		free(names);
}

static void status_numbers(void)
{
	char *text = read_file("/proc/self/status");
	const char *mode = text ? strstr(text, "\nSeccomp:") : NULL, *filters = text ? strstr(text, "\nSeccomp_filters:") : NULL;
	const char *umask_line = text ? strstr(text, "\nUmask:") : NULL;
	field_int("seccomp", mode ? atoi(mode + 9) : -1);
	field_int("seccompFilters", filters ? atoi(filters + 17) : -1);
	field_int("umask", umask_line ? strtol(umask_line + 7, NULL, 8) : -1);
	text = read_file("/proc/self/oom_score_adj");
	field_int("oomScoreAdj", text ? atoi(text) : -9999);
}

static void report(int argc, char **argv)
{
	struct utsname uts;
	struct stat root;
	char cwd[PATH_MAX], *arguments[256] = { NULL };
	for (int i = 0; i < argc && i < 255; i++)
		arguments[i] = argv[i];
	uname(&uts);
	json_open('{');
	descriptors();
	identity();
	capabilities();
	field_int("noNewPrivs", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
	field_int("parentDeathSignal", ({ int s = 0; prctl(PR_GET_PDEATHSIG, &s, 0, 0, 0); s; }));
	field_int("dumpable", prctl(PR_GET_DUMPABLE, 0, 0, 0, 0));
	status_numbers();
	field_text("hostname", uts.nodename);
	field_text("domainname", uts.domainname);
	field_text("cwd", getcwd(cwd, sizeof cwd));
	field_strings("env", environ);
	field_strings("argv", arguments);
	namespaces();
	field_lines("mounts", "/proc/self/mountinfo");
	field_lines("cgroup", "/proc/self/cgroup");
	field_lines("uidMap", "/proc/self/uid_map");
	field_lines("gidMap", "/proc/self/gid_map");
	limits();
	json_key("dev");
	json_open('[');
	tree("/dev", 2);
	json_close(']');
	field_text("tty", isatty(0) ? ttyname(0) : NULL);
	json_key("root");
	if (stat("/", &root) == 0)
		file_facts("/", &root);
	else
		json_null();
	json_close('}');
	json_end();
}

int main(int argc, char **argv)
{
	static char *only_report[] = { "report" };
	char **words = argc > 1 ? argv + 1 : only_report;
	int count = argc > 1 ? argc - 1 : 1;
	while (count > 0) {
		int used = 0;
		if (strcmp(words[0], "report") == 0) {
			report(argc, argv);
			used = 1;
		} else {
			used = run_action(count, words);
		}
		if (used == 0) {
			fprintf(stderr, "witness: no action %s, or too few words for it\n", words[0]);
			return 2;
		}
		words += used;
		count -= used;
		if (count > 0 && strcmp(words[0], "--") == 0) {
			words++;
			count--;
		}
	}
	return 0;
}
