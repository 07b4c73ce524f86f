/* What is said over sockets: a text with a descriptor, and requests to the kernel's network. */
#include "plan.h"

#include <linux/netlink.h>
#include <sys/socket.h>
#include <sys/un.h>

/* Room for one descriptor beside a text. */
union descriptor {
	char space[CMSG_SPACE(sizeof(int))];
	struct cmsghdr header;
};

int send_fd(int peer, const char *text, int fd)
{
	union descriptor control = { .header = { CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS } };
	struct iovec part = { (void *)text, strlen(text) };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control) };

	memcpy(CMSG_DATA(&control.header), &fd, sizeof(int));
	return sendmsg(peer, &message, MSG_NOSIGNAL) == (ssize_t)part.iov_len ? 0 : -1;
}

/* One byte, and the descriptor that comes with it; 0 is end of file. */
char receive_fd(int peer, int *fd)
{
	union descriptor control;
	char byte;
	struct iovec part = { &byte, 1 };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control) };

	if (recvmsg(peer, &message, MSG_CMSG_CLOEXEC) <= 0)
		return 0;
	if (CMSG_FIRSTHDR(&message) && control.header.cmsg_level == SOL_SOCKET && control.header.cmsg_type == SCM_RIGHTS)
		memcpy(fd, CMSG_DATA(&control.header), sizeof(int));
	return byte;
}

int connect_socket(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int peer;

	if (strlen(path) >= sizeof(address.sun_path))
		return fail(ENAMETOOLONG);
	strcpy(address.sun_path, path);
	peer = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (peer >= 0 && !connect(peer, (struct sockaddr *)&address, sizeof(address)))
		return peer;
	close_fd(&peer);
	return -1;
}

int send_descriptor(const struct machine *machine, const char *path, const char *name, bool is_pidfd)
{
	cleanup_fd int peer = connect_socket(path);
	cleanup_fd int pidfd = is_pidfd ? (int)syscall(SYS_pidfd_open, machine->init, 0) : -1;

	return peer < 0 ? -1 : send_fd(peer, name, is_pidfd ? pidfd : machine->terminal);
}

/* Sends one request, or one batch, and reads its acknowledgement (netlink(7)); the kernel's error becomes errno. */
int netlink_request(int protocol, struct bytes message)
{
	cleanup_fd int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
	struct {
		struct nlmsghdr header;
		struct nlmsgerr error;
		char rest[512];
	} reply;
	ssize_t length;

	if (fd < 0 || send(fd, message.data, message.size, 0) != (ssize_t)message.size)
		return -1;
	length = recv(fd, &reply, sizeof(reply), 0);
	if (length < 0)
		return -1;
	if (length < (ssize_t)(sizeof(reply.header) + sizeof(reply.error.error)) || reply.header.nlmsg_type != NLMSG_ERROR)
		return fail(EPROTO);
	return reply.error.error ? fail(-reply.error.error) : 0;
}

/* Into the network namespace of init: its pid, which no plan knows, is the last word of the message. */
int move_link(const struct machine *machine, struct bytes message)
{
	char copy[256];

	if (message.size < sizeof(machine->init) || message.size > sizeof(copy))
		return fail(EBADMSG);
	memcpy(copy, message.data, message.size);
	memcpy(copy + message.size - sizeof(machine->init), &machine->init, sizeof(machine->init));
	return netlink_request(NETLINK_ROUTE, (struct bytes){ copy, message.size });
}
