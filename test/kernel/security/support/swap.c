/* Exchanges two names of a directory until it is ended: what a race between a check and a use needs (renameat2(2)). */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int directory = argc == 4 ? open(argv[1], O_PATH | O_DIRECTORY) : -1;

	if (directory < 0)
		return 2;
	while (!renameat2(directory, argv[2], directory, argv[3], RENAME_EXCHANGE))
		;
	perror("swap");
	return 1;
}
