import { call } from './call.ts';
import { perform } from './perform.ts';

const POLLIN = 1;
const EINTR = 4;

/**
 * ppoll(2): blocks this thread until a descriptor can be read: a pidfd, when its process has ended.
 * @param milliseconds how long at most; for ever where it is absent
 * @returns false where the time is over
 */
export function waitReadable(fd: number, milliseconds?: number): boolean {
	const fds = new Int32Array([fd, POLLIN]);
	const time =
		milliseconds === undefined
			? undefined
			: new BigInt64Array([BigInt(Math.floor(milliseconds / 1000)), BigInt(Math.round((milliseconds % 1000) * 1e6))]);
	let ready: number;
	do ready = call('ppoll', fds, 1, time, undefined, 8);
	while (ready === -EINTR);
	return perform(ready, 'ppoll', { fd }) > 0;
}
