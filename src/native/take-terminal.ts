import { readFileSync } from 'node:fs';
import { call } from './call.ts';
import { signalMask } from './plain-process.ts';

const TIOCSPGRP = 0x5410;
/** Of the fields of /proc/self/stat behind the name (proc(5)). */
const PROCESS_GROUP = 2;

/**
 * Makes this process's group the foreground group of its terminal again, after a shell that did not give it back: one in another pid
 * namespace cannot name the group that it took it from (ioctl_tty(2), TIOCSPGRP). Nothing where there is no terminal.
 */
export function takeTerminal(fd: number): void {
	const stat = readFileSync('/proc/self/stat', 'latin1');
	const group = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[PROCESS_GROUP]);
	// who is in the background is stopped by SIGTTOU otherwise
	const { make, undo } = signalMask('all');
	call(...make);
	try {
		call('ioctl', fd, TIOCSPGRP, Int32Array.of(group));
	} finally {
		call(...undo);
	}
}
