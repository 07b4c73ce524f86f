import { MessageChannel, type MessagePort, type Worker } from 'node:worker_threads';
import { TsrunError } from '../core/errors.ts';
import { type Extraction, type ExtractJob, wordFailure } from './extract-layer.ts';
import type { ErrorInWords, ExtractReply, ExtractRequest, FromReader, FromWriter } from './extract-messages.ts';
import { readLayer } from './read-layer.ts';

/** Pieces that the reader may be ahead of the writer, of a quarter of a megabyte each. */
const AHEAD = 8;

/**
 * As {@link extractLayer}, between two threads: the layer is read, decompressed and verified in this one and written in the other.
 * Where both fail, it is the writer's error, as that of one thread would be: it came to the place first.
 */
export async function extractInThread(worker: Worker, job: ExtractJob): Promise<Extraction> {
	const { port1: port, port2 } = new MessageChannel();
	const writer = listen(worker, port);
	let readError: unknown;
	try {
		worker.postMessage({ job, port: port2 } satisfies ExtractRequest, [port2]);
		try {
			for await (const chunk of readLayer(job)) {
				if (writer.hasEnded()) break;
				send(port, chunk);
				await writer.ready();
			}
			port.postMessage('verified' satisfies FromReader);
		} catch (error) {
			readError = wordFailure(error, job);
			port.postMessage('failed' satisfies FromReader);
		}
		const reply = await writer.reply;
		if (reply.kind === 'done') return reply.extraction;
		throw reply.kind === 'failure' ? rebuild(reply.failure) : readError;
	} finally {
		writer.stopListening();
		port.close();
	}
}

/** Without a copy where nothing else is in the same memory. */
function send(port: MessagePort, chunk: Buffer): void {
	const bytes: Uint8Array = chunk.length === chunk.buffer.byteLength ? chunk : new Uint8Array(chunk);
	port.postMessage(bytes satisfies FromReader, [bytes.buffer as ArrayBuffer]);
}

interface Writer {
	readonly reply: Promise<ExtractReply>;
	readonly hasEnded: () => boolean;
	/** Called after each piece: waits until the writer is near. */
	readonly ready: () => Promise<void>;
	readonly stopListening: () => void;
}

function listen(worker: Worker, port: MessagePort): Writer {
	let ahead = 0;
	let ended = false;
	let wake = (): void => {};
	let stopListening = (): void => {};
	const reply = new Promise<ExtractReply>((resolve, reject) => {
		const onError = (error: Error): void => {
			ended = true;
			wake();
			reject(error);
		};
		const onExit = (code: number): void => onError(new Error(`the thread that writes a layer ended with ${code}`));
		port.on('message', (message: FromWriter) => {
			if (message === 'taken') ahead--;
			else {
				ended = true;
				resolve(message);
			}
			wake();
		});
		worker.on('error', onError).on('exit', onExit);
		stopListening = () => worker.off('error', onError).off('exit', onExit);
	});
	reply.catch(() => {});
	return {
		reply,
		hasEnded: () => ended,
		ready: async () => {
			for (ahead++; ahead >= AHEAD && !ended; ) {
				await new Promise<void>(resolve => {
					wake = resolve;
				});
			}
		},
		stopListening: () => stopListening(),
	};
}

function rebuild({ code, message, ...options }: ErrorInWords): Error {
	return code === undefined ? new Error(message) : new TsrunError(code, message, options);
}
