import type { Path } from './addon.ts';
import { call } from './call.ts';
import { checkNumber, checkText } from './check-argument.ts';
import { AF_UNIX, SOCK_CLOEXEC, SOCK_STREAM } from './flags.ts';
import { perform } from './perform.ts';

const EINTR = 4;

/** socket(2) of the family AF_UNIX. @param type SOCK_*; SOCK_STREAM | SOCK_CLOEXEC unless told. @returns a descriptor */
export function unixSocket(type: number = SOCK_STREAM | SOCK_CLOEXEC): number {
	checkNumber('unixSocket', 'type', type);
	return perform(call('socket', AF_UNIX, type, 0), 'socket', { type });
}

/** socketpair(2): two connected sockets. @param type as of {@link unixSocket} */
export function socketpair(type: number = SOCK_STREAM | SOCK_CLOEXEC): readonly [number, number] {
	checkNumber('socketpair', 'type', type);
	const pair = new Int32Array(2);
	perform(call('socketpair', AF_UNIX, type, 0, pair), 'socketpair', { type });
	const [one = -1, other = -1] = pair;
	return [one, other];
}

/** bind(2): makes the socket's file. A path has at most 107 bytes (unix(7)). */
export function bind(fd: number, path: Path): void {
	const address = addressOf('bind', fd, path);
	perform(call('bind', fd, address, address.length), 'bind', { fd, path });
}

/** connect(2), to the socket that is bound at the path. */
export function connect(fd: number, path: Path): void {
	const address = addressOf('connect', fd, path);
	perform(call('connect', fd, address, address.length), 'connect', { fd, path });
}

/** listen(2). */
export function listen(fd: number, backlog = 128): void {
	checkNumber('listen', 'fd', fd);
	checkNumber('listen', 'backlog', backlog);
	perform(call('listen', fd, backlog), 'listen', { fd, backlog });
}

/**
 * accept4(2). Waits, and this thread with it, unless the socket is SOCK_NONBLOCK: then EAGAIN where nobody has connected.
 * @param flags SOCK_CLOEXEC unless told; SOCK_NONBLOCK. @returns a descriptor of the connection
 */
export function accept(fd: number, flags: number = SOCK_CLOEXEC): number {
	checkNumber('accept', 'fd', fd);
	checkNumber('accept', 'flags', flags);
	let connection: number;
	do connection = call('accept4', fd, undefined, undefined, flags);
	while (connection === -EINTR);
	return perform(connection, 'accept4', { fd, flags });
}

/** struct sockaddr_un: the family in 16 bits, then the path. */
function addressOf(name: string, fd: number, path: Path): Uint8Array {
	checkNumber(name, 'fd', fd);
	checkText(name, 'path', path);
	return Buffer.concat([
		Uint8Array.of(AF_UNIX, 0),
		typeof path === 'string' ? Buffer.from(path) : path,
		Uint8Array.of(0),
	]);
}
