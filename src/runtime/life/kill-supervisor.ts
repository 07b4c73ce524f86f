import { closeSync, readdirSync, readlinkSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import type { ContainerId } from '../../core/brands.ts';
import { pidfdOpen, pidfdSendSignal } from '../../native/process-calls.ts';
import { containerStateDir, type StateDirectory } from '../../state/state-directory.ts';

/** Sends a signal to the supervisor of a container, only while it holds the progress file: the pid may be another process's by now. */
export function killSupervisor(directory: StateDirectory, id: ContainerId, pid: number, signal: number): void {
	try {
		const pidfd = pidfdOpen(pid);
		try {
			const progress = realpathSync(join(containerStateDir(directory, id), 'progress'));
			const fds = `/proc/${pid}/fd`;
			if (readdirSync(fds).some(fd => readlinkSync(join(fds, fd)) === progress)) pidfdSendSignal(pidfd, signal);
		} finally {
			closeSync(pidfd);
		}
	} catch {
		// it has ended meanwhile
	}
}
