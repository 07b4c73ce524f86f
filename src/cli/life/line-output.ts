import { writeTo } from './write-to.ts';

/** Lines that come at once are written at once, up to so many bytes. */
const BATCH = 65_536;

/**
 * Lines for two streams, in their order. What is pushed is written when the event loop comes round, or with the next lines that make
 * a batch full; who pushes waits then until it is read.
 */
export class LineOutput {
	#stream: NodeJS.WriteStream | undefined;
	#lines: Uint8Array[] = [];
	#size = 0;
	#written: Promise<boolean> = Promise.resolve(true);
	#isClosed = false;

	/** @returns false where nobody reads any more */
	async push(stream: NodeJS.WriteStream, line: Uint8Array): Promise<boolean> {
		if (stream !== this.#stream) void this.flush();
		if (this.#size === 0) setImmediate(() => void this.flush());
		this.#stream = stream;
		this.#lines.push(line);
		this.#size += line.length;
		return this.#size < BATCH ? !this.#isClosed : this.flush();
	}

	/** Writes what is left. @returns false where nobody reads any more */
	flush(): Promise<boolean> {
		const stream = this.#stream;
		if (stream === undefined || this.#size === 0) return this.#written;
		const batch = Buffer.concat(this.#lines);
		[this.#lines, this.#size] = [[], 0];
		this.#written = this.#written.then(async () => {
			const isRead = await writeTo(stream, batch);
			this.#isClosed ||= !isRead;
			return isRead;
		});
		return this.#written;
	}
}
