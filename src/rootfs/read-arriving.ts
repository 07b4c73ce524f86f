import { closeSync, read } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';

/** A file that is still written: plain data, so that a thread that reads it can be told how far it has come. */
export interface Arrival {
	/** Where the file is until it is complete. */
	readonly path: string;
	/** Its bytes when it is complete. */
	readonly size: number;
	/** Two 64-bit words: the bytes that are there, and 1 once nothing more will come. */
	readonly state: SharedArrayBuffer;
}

const BYTES = 0;
const ENDED = 1;
const CHUNK = 1 << 18;
/** How long a reader that has caught up with the writer looks away. */
const PAUSE_MS = 5;

export function newArrival(path: string, size: number): Arrival {
	return { path, size, state: new SharedArrayBuffer(16) };
}

/** The writer's side: `bytes` of the file can be read from now on. */
export function noteArrived({ state }: Arrival, bytes: number): void {
	Atomics.store(new BigInt64Array(state), BYTES, BigInt(bytes));
}

/** The writer's side: it gives up; readers fail when they have caught up. */
export function noteLost({ state }: Arrival): void {
	Atomics.store(new BigInt64Array(state), ENDED, 1n);
}

/** Waits until `wanted` bytes are there, or all that there will be. @returns the bytes that are there */
export async function waitForBytes({ state, size }: Arrival, wanted: number): Promise<number> {
	const words = new BigInt64Array(state);
	for (;;) {
		const bytes = Number(Atomics.load(words, BYTES));
		if (bytes >= Math.min(wanted, size)) return bytes;
		if (Atomics.load(words, ENDED) !== 0n) throw new Error(`only ${bytes} of ${size} bytes came`);
		await setTimeout(PAUSE_MS);
	}
}

/** The bytes of such a file, each as soon as it is there. The descriptor is closed at the end. */
export async function* readArriving(fd: number, arrival: Arrival): AsyncGenerator<Buffer> {
	const readAsync = promisify(read);
	try {
		for (let at = 0; at < arrival.size; ) {
			const there = await waitForBytes(arrival, at + 1);
			const chunk = Buffer.allocUnsafe(Math.min(CHUNK, there - at));
			const { bytesRead } = await readAsync(fd, chunk, 0, chunk.length, at);
			if (bytesRead === 0) throw new Error(`the file ended at byte ${at} of ${arrival.size}`);
			at += bytesRead;
			yield chunk.subarray(0, bytesRead);
		}
	} finally {
		closeSync(fd);
	}
}
