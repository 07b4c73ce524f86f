/*
 * in-terminal ROWS COLUMNS COMMAND…: runs the command as a shell in a terminal window does. What comes on stdin is typed, what
 * the terminal shows goes to stdout. Lines `ROWS COLUMNS` on descriptor 3 resize the window. In the end the terminal's settings
 * are compared with those before: `restored` or `changed` goes to descriptor 4. Ends as the command did.
 */
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static pid_t start(int master, int slave, char **argv)
{
	pid_t child = fork();

	if (child)
		return child;
	close(master);
	close(3);
	close(4);
	setsid();
	ioctl(slave, TIOCSCTTY, 0);
	for (int fd = 0; fd < 3; fd++)
		dup2(slave, fd);
	close(slave);
	execvp(*argv, argv);
	perror(*argv);
	_exit(127);
}

/* False at the end of what there is to copy. */
static int copy(int from, int to)
{
	char buffer[4096];
	ssize_t count = read(from, buffer, sizeof buffer);

	for (ssize_t done = 0; done < count;) {
		ssize_t written = write(to, buffer + done, (size_t)(count - done));

		if (written < 0)
			return 0;
		done += written;
	}
	return count > 0;
}

static int resize(int master)
{
	char line[64] = { 0 };
	struct winsize size = { 0 };

	if (read(3, line, sizeof line - 1) <= 0 || sscanf(line, "%hu %hu", &size.ws_row, &size.ws_col) != 2)
		return 0;
	ioctl(master, TIOCSWINSZ, &size);
	return 1;
}

int main(int argc, char **argv)
{
	struct winsize size = { 0 };
	/* With their padding: they are compared as bytes. */
	struct termios before = { 0 }, after = { 0 };
	int master, slave, status = 0;
	int ended = 0;
	pid_t child;

	if (argc < 4)
		return 2;
	size.ws_row = (unsigned short)atoi(argv[1]);
	size.ws_col = (unsigned short)atoi(argv[2]);
	signal(SIGPIPE, SIG_IGN);
	if (openpty(&master, &slave, NULL, NULL, &size) || tcgetattr(slave, &before))
		return 2;
	child = start(master, slave, argv + 3);
	struct pollfd fds[] = { { master, POLLIN, 0 }, { 0, POLLIN, 0 }, { 3, POLLIN, 0 } };
	for (;;) {
		int ready = poll(fds, 3, ended ? 0 : 20);

		if (fds[0].revents && !copy(master, 1))
			fds[0].fd = -1;
		if (fds[1].revents && !copy(0, master))
			fds[1].fd = -1;
		if (fds[2].revents && !resize(master))
			fds[2].fd = -1;
		if (ready == 0 && ended)
			break;
		if (!ended)
			ended = waitpid(child, &status, WNOHANG) == child;
	}
	tcgetattr(slave, &after);
	dprintf(4, "%s\n", memcmp(&before, &after, sizeof before) == 0 ? "restored" : "changed");
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
