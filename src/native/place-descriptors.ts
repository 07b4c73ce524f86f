import { call } from './call.ts';
import { perform } from './perform.ts';

const F_DUPFD_CLOEXEC = 1030;

/** Descriptors that are not below `first`: copies of those that are, which makes room there. */
export function above(first: number, fds: readonly number[]): readonly number[] {
	return fds.map(fd => (fd < first ? perform(call('fcntl', fd, F_DUPFD_CLOEXEC, first), 'fcntl', { fd, first }) : fd));
}

/** dup3(2): copies that stay open on exec, one after the other from `first` on; what was open there is closed. */
export function placeDescriptors(first: number, fds: readonly number[]): void {
	fds.forEach((fd, index) => {
		perform(call('dup3', fd, first + index, 0), 'dup3', { fd });
	});
}
