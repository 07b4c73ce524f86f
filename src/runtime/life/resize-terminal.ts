import { closeSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { pidfdGetfd, pidfdOpen } from '../../native/process-calls.ts';
import { setTerminalSize, type TerminalSize } from '../../native/terminal-calls.ts';

/**
 * Gives the terminal of a container the size of somebody's who is attached. The supervisor holds its master; nothing in the container is opened
 * for it, which could be something else than a terminal by now.
 * @param supervisor pid; where it has ended, or has no terminal, nothing is done
 */
export function resizeTerminal(supervisor: number, size: TerminalSize): void {
	if (supervisor < 1) return;
	try {
		const pidfd = pidfdOpen(supervisor);
		try {
			// the number may be another process's by now
			if (readFileSync(`/proc/${supervisor}/comm`, 'latin1') !== 'tsrun-init\n') return;
			for (const fd of readdirSync(`/proc/${supervisor}/fd`)) {
				if (/\/ptmx$/.test(readlinkSync(`/proc/${supervisor}/fd/${fd}`))) resize(pidfd, Number(fd), size);
			}
		} finally {
			closeSync(pidfd);
		}
	} catch (error) {
		const { code = '' } = error as NodeJS.ErrnoException;
		if (!['ENOENT', 'ESRCH', 'EBADF', 'EINVAL', 'ENOTTY'].includes(code)) throw error;
	}
}

function resize(pidfd: number, fd: number, size: TerminalSize): void {
	const master = pidfdGetfd(pidfd, fd);
	try {
		setTerminalSize(master, size);
	} finally {
		closeSync(master);
	}
}
