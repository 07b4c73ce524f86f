/*
 * A seccomp agent: listens at the socket, prints the container process state that comes with a descriptor, and answers each call with
 * the errno that it is given.
 */
#define _GNU_SOURCE
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	static char state[8192], control[CMSG_SPACE(sizeof(int))];
	struct iovec part = { state, sizeof state - 1 };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control };
	int listener = socket(AF_UNIX, SOCK_STREAM, 0), peer, notify;
	struct cmsghdr *header;
	char rest;

	if (argc != 3)
		return 2;
	strncpy(address.sun_path, argv[1], sizeof address.sun_path - 1);
	if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 1))
		return 2;
	puts("ready");
	fflush(stdout);
	peer = accept(listener, NULL, NULL);
	if (recvmsg(peer, &message, 0) <= 0)
		return 3;
	header = CMSG_FIRSTHDR(&message);
	if (!header || header->cmsg_type != SCM_RIGHTS)
		return 4;
	memcpy(&notify, CMSG_DATA(header), sizeof notify);
	puts(state);
	puts(read(peer, &rest, 1) == 0 ? "closed" : "open");
	fflush(stdout);
	for (;;) {
		struct seccomp_notif call = { 0 };
		struct seccomp_notif_resp answer = { 0 };

		if (ioctl(notify, SECCOMP_IOCTL_NOTIF_RECV, &call))
			return 0;
		answer.id = call.id;
		answer.error = -atoi(argv[2]);
		ioctl(notify, SECCOMP_IOCTL_NOTIF_SEND, &answer);
	}
}
