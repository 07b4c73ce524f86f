import { writeSync } from 'node:fs';

const STDERR = 2;

/**
 * Writes all of it to standard error. Not by process.stderr: Node makes a pipe non-blocking, and the container, which has the same, would
 * lose what it writes. Where somebody else has done that, this waits. Nothing is said where nobody reads any more.
 */
export function printError(text: string): void {
	let bytes = Buffer.from(text);
	while (bytes.length > 0) {
		try {
			bytes = bytes.subarray(writeSync(STDERR, bytes));
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return;
		}
	}
}
