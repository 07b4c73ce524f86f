import { readSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { waitReadable } from '../native/wait-readable.ts';

const STDIN = 0;
/** Milliseconds without input after which signals and timers have their turn. */
const PATIENCE = 20;
const NEWLINE = 0x0a;

/**
 * The next line of standard input without its end. Not a byte beyond it is read: a program that is started afterwards finds the rest.
 * @param signal gives up
 * @returns undefined at the end of input, or where it was given up
 */
export async function readLine(signal: AbortSignal): Promise<string | undefined> {
	const bytes: number[] = [];
	const byte = new Uint8Array(1);
	for (;;) {
		while (!waitReadable(STDIN, bytes.length === 0 ? PATIENCE : 0)) {
			await sleep(1);
			if (signal.aborted) return undefined;
		}
		if (!readByte(byte)) return bytes.length === 0 ? undefined : textOf(bytes);
		if (byte[0] === NEWLINE) return textOf(bytes);
		bytes.push(byte[0] ?? 0);
	}
}

/** A terminal that was hung up, and a descriptor that is closed, are at their end. */
function readByte(byte: Uint8Array): boolean {
	try {
		return readSync(STDIN, byte, 0, 1, null) === 1;
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return readByte(byte);
		return false;
	}
}

const textOf = (bytes: readonly number[]): string => Buffer.from(bytes).toString('utf8');
