const numbered = (first: number, names: string): Readonly<Record<string, number>> =>
	Object.fromEntries(names.split(' ').map((name, index) => [name, first + index]));

/**
 * The calls that 32-bit x86 reaches through another one, beside their own number if they have one: by carrier, the value of
 * its first argument that chooses each (linux/net.h, SYS_SOCKET and on; linux/ipc.h, SEMOP and on).
 */
export const MULTIPLEXED_CALLS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
	get socketcall() {
		return numbered(
			1,
			'socket bind connect listen accept getsockname getpeername socketpair send recv sendto recvfrom shutdown setsockopt getsockopt sendmsg recvmsg accept4 recvmmsg sendmmsg',
		);
	},
	get ipc() {
		return {
			...numbered(1, 'semop semget semctl semtimedop'),
			...numbered(11, 'msgsnd msgrcv msgget msgctl'),
			...numbered(21, 'shmat shmdt shmget shmctl'),
		};
	},
};
