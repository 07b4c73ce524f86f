import { type MessagePort, parentPort } from 'node:worker_threads';
import { TsrunError } from '../core/errors.ts';
import { extractLayer } from './extract-layer.ts';
import type { ErrorInWords, ExtractReply, ExtractRequest, FromReader, FromWriter } from './extract-messages.ts';

/** The entry point of a thread that writes layers; see extract-messages.ts. */
parentPort?.on('message', ({ job, port }: ExtractRequest) => {
	extractLayer(job, chunksFrom(port)).then(
		extraction => answer(port, { kind: 'done', extraction }),
		(error: unknown) =>
			answer(port, error instanceof ReaderFailed ? { kind: 'stopped' } : { kind: 'failure', failure: describe(error) }),
	);
});

class ReaderFailed extends Error {}

async function* chunksFrom(port: MessagePort): AsyncGenerator<Buffer> {
	const messages: FromReader[] = [];
	let wake = (): void => {};
	port.on('message', (message: FromReader) => {
		messages.push(message);
		wake();
	});
	for (;;) {
		const message = messages.shift();
		if (message === 'verified') return;
		if (message === 'failed') throw new ReaderFailed();
		if (message === undefined) {
			await new Promise<void>(resolve => {
				wake = resolve;
			});
			continue;
		}
		yield Buffer.from(message.buffer, message.byteOffset, message.length);
		port.postMessage('taken' satisfies FromWriter);
	}
}

function answer(port: MessagePort, reply: ExtractReply): void {
	port.postMessage(reply satisfies FromWriter);
	port.close();
}

function describe(error: unknown): ErrorInWords {
	if (error instanceof TsrunError) {
		const { code, message, hint, exitCode } = error;
		return { code, message, exitCode, ...(hint === undefined ? {} : { hint }) };
	}
	return { message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}
