/** One line of a log in Kubernetes' format (kubelet's logs, "CRI log format"). */
export interface LogLine {
	/** RFC 3339 with nanoseconds, UTC. */
	readonly time: string;
	readonly stream: 'stdout' | 'stderr';
	/** What was written; without the line break where the line goes on (`isPartial`). */
	readonly text: Uint8Array;
	readonly isPartial: boolean;
}

const NEWLINE = 10;
/** `2016-10-06T00:17:09.669794202Z stdout F `. */
const TIME_LENGTH = 30;
const STREAM_LENGTH = 6;
export const HEAD_LENGTH = TIME_LENGTH + STREAM_LENGTH + 4;
/** Where the tag stands: `F` for a whole line, `P` for one that goes on. */
export const TAG_OFFSET = TIME_LENGTH + STREAM_LENGTH + 2;

/** @param bytes one line of the file with its line break @returns undefined where it is none of the log's */
export function parseLogLine(bytes: Uint8Array): LogLine | undefined {
	if (bytes.length <= HEAD_LENGTH || bytes.at(-1) !== NEWLINE) return undefined;
	const head = Buffer.from(bytes.buffer, bytes.byteOffset, HEAD_LENGTH).toString('latin1');
	const [, time = '', stream, tag] = /^(\d{4}-\d\d-\d\dT[\d:.]+Z) (stdout|stderr) ([FP]) $/.exec(head) ?? [];
	if (stream !== 'stdout' && stream !== 'stderr') return undefined;
	const isPartial = tag === 'P';
	return { time, stream, isPartial, text: bytes.subarray(HEAD_LENGTH, isPartial ? -1 : undefined) };
}

/** Cuts what comes in pieces into whole lines; the rest waits for the next piece. */
export class LineCutter {
	#rest: Uint8Array = new Uint8Array(0);

	*push(piece: Uint8Array): Generator<Uint8Array> {
		const bytes = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece]);
		let start = 0;
		for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
			yield bytes.subarray(start, end + 1);
			start = end + 1;
		}
		this.#rest = bytes.slice(start);
	}
}
