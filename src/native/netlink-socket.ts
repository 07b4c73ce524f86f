import { closeSync, readSync, writeSync } from 'node:fs';
import { call } from './call.ts';
import { SOCK_CLOEXEC } from './flags.ts';
import { perform } from './perform.ts';

const AF_NETLINK = 16;
const SOCK_RAW = 3;
const ANSWER_BYTES = 4096;
const NLMSG_ERROR = 2;
const PROTOCOLS = { route: 0, netfilter: 12 } as const;

/**
 * Sends one request, or one batch, and reads its acknowledgement, as the machine's steps `netlink` and `netfilter` do.
 * @throws SystemError with what the kernel answered
 */
export function requestNetlink(protocol: keyof typeof PROTOCOLS, message: Uint8Array): void {
	const fd = perform(call('socket', AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, PROTOCOLS[protocol]), 'socket', { protocol });
	try {
		writeSync(fd, message);
		const answer = new DataView(new ArrayBuffer(ANSWER_BYTES));
		readSync(fd, answer);
		if (answer.getUint16(4, true) !== NLMSG_ERROR) throw new Error('netlink answered something else');
		perform(answer.getInt32(16, true), 'netlink', { protocol });
	} finally {
		closeSync(fd);
	}
}
