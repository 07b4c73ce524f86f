import { call } from './call.ts';
import { perform } from './perform.ts';

const O_CLOEXEC = 0o2000000;

/** pipe2(2) with O_CLOEXEC. */
export function openPipe(): readonly [read: number, write: number] {
	const ends = new Int32Array(2);
	perform(call('pipe2', ends, O_CLOEXEC), 'pipe2', {});
	const [read = -1, write = -1] = ends;
	return [read, write];
}
