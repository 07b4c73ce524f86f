import { call } from './call.ts';
import { checkNumber, refuse } from './check-argument.ts';
import { perform } from './perform.ts';

const TIOCGWINSZ = 0x5413;
const TIOCSWINSZ = 0x5414;
const LARGEST = 0xffff;

export interface TerminalSize {
	readonly rows: number;
	readonly columns: number;
}

/** ioctl_tty(2), TIOCGWINSZ. ENOTTY where the descriptor is no terminal. */
export function terminalSize(fd: number): TerminalSize {
	checkNumber('terminalSize', 'fd', fd);
	const size = new Uint16Array(4);
	perform(call('ioctl', fd, TIOCGWINSZ, size), 'ioctl(TIOCGWINSZ)', { fd });
	const [rows = 0, columns = 0] = size;
	return { rows, columns };
}

/** ioctl_tty(2), TIOCSWINSZ: the processes at the terminal get SIGWINCH where it changes. */
export function setTerminalSize(fd: number, { rows, columns }: TerminalSize): void {
	checkNumber('setTerminalSize', 'fd', fd);
	for (const [name, value] of Object.entries({ rows, columns })) {
		checkNumber('setTerminalSize', name, value);
		if (value > LARGEST) refuse('setTerminalSize', name, `an integer up to ${LARGEST}`, value);
	}
	perform(call('ioctl', fd, TIOCSWINSZ, Uint16Array.of(rows, columns, 0, 0)), 'ioctl(TIOCSWINSZ)', {
		fd,
		rows,
		columns,
	});
}
