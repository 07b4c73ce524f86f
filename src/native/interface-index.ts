import { closeSync } from 'node:fs';
import { call } from './call.ts';
import { SOCK_CLOEXEC } from './flags.ts';
import { perform } from './perform.ts';

const AF_INET = 2;
const SOCK_DGRAM = 2;
const SIOCGIFINDEX = 0x8933;
const IFREQ_BYTES = 40;
const IFNAMSIZ = 16;
const ENODEV = 19;

/** The number of an interface of this network namespace (netdevice(7)), whatever namespace /sys shows; undefined where there is none. */
export function interfaceIndex(name: string): number | undefined {
	const fd = perform(call('socket', AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), 'socket', { name });
	try {
		const request = new Uint8Array(IFREQ_BYTES);
		request.set(new TextEncoder().encode(name).subarray(0, IFNAMSIZ - 1));
		const result = call('ioctl', fd, SIOCGIFINDEX, request);
		if (result === -ENODEV) return undefined;
		perform(result, 'ioctl(SIOCGIFINDEX)', { name });
		return new DataView(request.buffer).getInt32(IFNAMSIZ, true);
	} finally {
		closeSync(fd);
	}
}
