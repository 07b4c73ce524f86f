import { call } from './call.ts';
import { checkBytes, checkNumber, refuse } from './check-argument.ts';
import { perform } from './perform.ts';

const SOL_SOCKET = 1;
const SCM_RIGHTS = 1;
const MSG_NOSIGNAL = 0x4000;
const MSG_CMSG_CLOEXEC = 0x40000000;
const EINTR = 4;
/** sizeof(struct cmsghdr): length of 64 bits, level and type of 32. */
const HEADER = 16;
/** SCM_MAX_FD: with room for as many, nothing that comes is cut off. */
const MAX_DESCRIPTORS = 253;

export interface DescriptorMessage {
	/** At least one byte: a stream does not carry descriptors alone. */
	readonly data: Uint8Array;
	readonly descriptors: readonly number[];
}

/** sendmsg(2) with SCM_RIGHTS (unix(7)): the receiver gets descriptors of its own. @returns how many bytes of `data` were sent */
export function sendDescriptors(fd: number, { data, descriptors }: DescriptorMessage): number {
	checkNumber('sendDescriptors', 'fd', fd);
	checkBytes('sendDescriptors', 'data', data);
	if (data.length === 0) refuse('sendDescriptors', 'data', 'one byte or more', data);
	for (const [index, item] of descriptors.entries()) checkNumber('sendDescriptors', `descriptors[${index}]`, item);
	const control = new Int32Array(HEADER / 4 + descriptors.length);
	control.set([control.byteLength, 0, SOL_SOCKET, SCM_RIGHTS, ...descriptors]);
	let sent: number;
	do sent = call('sendmsg', fd, messageOf(data, control), MSG_NOSIGNAL);
	while (sent === -EINTR);
	return perform(sent, 'sendmsg', { fd, descriptors });
}

/**
 * recvmsg(2): bytes, and the descriptors that came with them, which are closed on exec; no bytes at the end of the stream.
 * Waits, and this thread with it, unless the socket is SOCK_NONBLOCK: then EAGAIN where nothing has come.
 */
export function recvDescriptors(fd: number, maxBytes = 4096): DescriptorMessage {
	checkNumber('recvDescriptors', 'fd', fd);
	checkNumber('recvDescriptors', 'maxBytes', maxBytes);
	const data = Buffer.alloc(maxBytes);
	const control = new Int32Array(HEADER / 4 + MAX_DESCRIPTORS);
	let length: number;
	do length = call('recvmsg', fd, messageOf(data, control), MSG_CMSG_CLOEXEC);
	while (length === -EINTR);
	perform(length, 'recvmsg', { fd, maxBytes });
	const [size = 0, , level, type] = control;
	const hasDescriptors = level === SOL_SOCKET && type === SCM_RIGHTS;
	return {
		data: data.subarray(0, length),
		descriptors: hasDescriptors ? [...control.subarray(HEADER / 4, size / 4)] : [],
	};
}

/** struct msghdr: no address; one part; the control message. */
function messageOf(data: Uint8Array, control: Int32Array) {
	return [undefined, 0, [data, data.length], 1, control, control.byteLength, 0] as const;
}
