import { standardTerminals } from '../runtime/open-container-roots.ts';

/** A printer for the progress of long work: one line that changes, on a terminal; undefined in a pipe. */
export function terminalProgress(): ((line: string) => void) | undefined {
	if (!standardTerminals()[2]) return undefined;
	return line => {
		process.stderr.write(line === '' ? '\r\x1b[K' : `\r\x1b[K${line}`);
	};
}
