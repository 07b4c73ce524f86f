/*
 * The log of a container that nobody watches: CRI's format, a line for each line of output,
 * "<RFC 3339 time> <stream> <F, or P where the line goes on> <text>". Half a line is never left in it.
 */
#include "plan.h"

#include <limits.h>

#define HEAD_SIZE 64
#define RETRY_MICROSECONDS 20000

static struct {
	const char *path;
	uint64_t max_size; /* 0: no limit */
	unsigned int files; /* path, path.1 … */
	char lines[20480]; /* more than what is copied at once, and a head */
} output;

static int open_file(int flags)
{
	cleanup_fd int fd = open(output.path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC | flags, 0640);

	return fd < 0 || dup3(fd, STDOUT_FILENO, O_CLOEXEC) < 0 ? -1 : 0;
}

/* It takes the place of the caller's output: the caller sees by the end of that that the container runs. */
int open_log(const char *path, uint64_t max_size, uint64_t files)
{
	output.path = path;
	output.max_size = max_size;
	output.files = (unsigned int)files;
	return open_file(0) || dup3(STDOUT_FILENO, STDERR_FILENO, O_CLOEXEC) < 0 ? -1 : 0;
}

bool has_log(void)
{
	return output.path != NULL;
}

static int rotate(void)
{
	char from[PATH_MAX], to[PATH_MAX];

	for (unsigned int n = output.files - 1; n > 0; n--) {
		snprintf(from, sizeof(from), n > 1 ? "%s.%u" : "%s", output.path, n - 1);
		snprintf(to, sizeof(to), "%s.%u", output.path, n);
		rename(from, to);
	}
	return open_file(O_TRUNC);
}

static bool append(size_t size)
{
	struct stat st;
	ssize_t count;

	if (fstat(STDOUT_FILENO, &st))
		return false;
	/* Whoever removed the file meant what was in it. */
	if (st.st_nlink == 0 ? open_file(0) : output.max_size && st.st_size && (uint64_t)st.st_size + size > output.max_size && rotate())
		return false;
	errno = ENOSPC; /* where a part was written */
	count = write(STDOUT_FILENO, output.lines, size);
	if (count > 0 && (size_t)count < size && !fstat(STDOUT_FILENO, &st) && ftruncate(STDOUT_FILENO, st.st_size - count))
		return false;
	return count == (ssize_t)size;
}

/* How many bytes of the text are in the log now. None, after a while, when there is no room for them: the container waits. */
size_t log_text(struct progress *progress, const char *stream, const char *text, size_t size)
{
	struct timespec time;
	struct tm tm;
	char head[HEAD_SIZE];
	size_t used = 0, filled = 0, head_size, room = sizeof(output.lines);

	if (output.max_size && output.max_size < room)
		room = output.max_size;
	clock_gettime(CLOCK_REALTIME, &time);
	gmtime_r(&time.tv_sec, &tm);
	head_size = (size_t)snprintf(head, sizeof(head), "%04d-%02d-%02dT%02d:%02d:%02d.%09ldZ %s ", tm.tm_year + 1900, tm.tm_mon + 1,
				     tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, time.tv_nsec, stream);
	while (used < size) {
		const char *end = memchr(text + used, '\n', size - used);
		size_t length = (end ? (size_t)(end - text) : size) - used;

		if (filled && filled + head_size + length + 3 > room)
			break;
		filled += (size_t)snprintf(output.lines + filled, sizeof(output.lines) - filled, "%s%c ", head, end ? 'F' : 'P');
		memcpy(output.lines + filled, text + used, length);
		filled += length;
		output.lines[filled++] = '\n';
		used += length + (end != NULL);
	}
	progress->log_errno = append(filled) ? 0 : (uint32_t)errno;
	if (!progress->log_errno)
		return used;
	usleep(RETRY_MICROSECONDS);
	return 0;
}
