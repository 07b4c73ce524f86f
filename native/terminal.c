#include "plan.h"

#include <linux/openat2.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <termios.h>

#define DEVPTS_MAGIC 0x1cd1
#define UNIX98_PTY_SLAVE_MAJOR 136
#define TERMINAL_CONSOLE 1
#define TERMINAL_PLAIN_LINES 2

static bool is_devpts(int fd)
{
	struct statfs fs;

	if (fd < 0 || fstatfs(fd, &fs))
		return false;
	errno = ENOTTY;
	return fs.f_type == DEVPTS_MAGIC;
}

/* The slave comes from the master itself (TIOCGPTPEER), never from a path that an image could replace (CVE-2025-52565). */
static int open_slave(int master)
{
	struct stat st;
	int unlock = 0;
	int slave;

	if (ioctl(master, TIOCSPTLCK, &unlock))
		return -1;
	slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (slave < 0)
		return -1;
	if (!is_devpts(slave) || fstat(slave, &st) || major(st.st_rdev) != UNIX98_PTY_SLAVE_MAJOR) {
		close(slave);
		return fail(ENOTTY);
	}
	return slave;
}

/* Lines end as the program ends them: whoever copies the terminal's output may write to a file, and makes the line ends of a terminal. */
static int plain_lines(int terminal)
{
	struct termios modes;

	if (tcgetattr(terminal, &modes))
		return -1;
	modes.c_oflag &= ~(tcflag_t)ONLCR;
	return tcsetattr(terminal, TCSANOW, &modes);
}

static int bind_console(const struct machine *machine)
{
	cleanup_fd int console = in_root_open(machine->root, "/dev/console", O_PATH, RESOLVE_NO_SYMLINKS);

	return console < 0 ? -1 : mount(fd_path(machine->terminal).text, fd_path(console).text, NULL, MS_BIND, NULL);
}

int terminal_open(struct machine *machine, uint16_t rows, uint16_t columns, uid_t uid, uint64_t flags)
{
	struct winsize size = { .ws_row = rows, .ws_col = columns };
	cleanup_fd int pts = in_root_open(machine->root, "/dev/pts", O_PATH | O_DIRECTORY, RESOLVE_NO_SYMLINKS);
	cleanup_fd int master = is_devpts(pts) ? openat(pts, "ptmx", O_RDWR | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC) : -1;

	if (master < 0)
		return -1;
	machine->terminal = open_slave(master);
	if (machine->terminal < 0)
		return -1;
	if ((rows || columns) && ioctl(machine->terminal, TIOCSWINSZ, &size))
		return -1;
	if (fchown(machine->terminal, uid, (gid_t)-1))
		return -1;
	if ((flags & TERMINAL_PLAIN_LINES) && plain_lines(machine->terminal))
		return -1;
	if ((flags & TERMINAL_CONSOLE) && bind_console(machine))
		return -1;
	return send_fd(machine->peer, "t", master);
}
