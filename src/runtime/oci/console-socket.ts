import { closeSync } from 'node:fs';
import { attempt } from '../../core/system-failure.ts';
import { sendDescriptors } from '../../native/descriptor-calls.ts';
import { connect, unixSocket } from '../../native/socket-calls.ts';

/** Who serves --console-socket, while this process has a terminal to hand over. */
export interface ConsoleSocket {
	readonly send: (master: number) => void;
	readonly close: () => void;
}

/** @throws TsrunError TSRUN_CONSOLE_SOCKET where nobody serves it */
export function connectConsole(path: string): ConsoleSocket {
	const fd = unixSocket();
	try {
		attempt({ code: 'TSRUN_CONSOLE_SOCKET', action: `connect to the console socket ${path}` }, () => connect(fd, path));
	} catch (error) {
		closeSync(fd);
		throw error;
	}
	return {
		send: master => {
			attempt({ code: 'TSRUN_CONSOLE_SOCKET', action: `send the terminal to ${path}` }, () =>
				sendDescriptors(fd, { data: Buffer.from('/dev/ptmx'), descriptors: [master] }),
			);
		},
		close: () => closeSync(fd),
	};
}
