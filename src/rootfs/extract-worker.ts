import { parentPort } from 'node:worker_threads';
import { TsrunError } from '../core/errors.ts';
import { type ExtractJob, extractLayer } from './extract-layer.ts';
import type { ExtractReply } from './extract-pool.ts';

/** The entry point of a thread that extracts layers, one at a time: it receives an ExtractJob and answers an ExtractReply. */
parentPort?.on('message', (job: ExtractJob) => {
	extractLayer(job).then(
		extraction => reply({ extraction }),
		(error: unknown) => reply({ failure: describe(error) }),
	);
});

function reply(message: ExtractReply): void {
	parentPort?.postMessage(message);
}

function describe(error: unknown): NonNullable<ExtractReply['failure']> {
	if (error instanceof TsrunError) {
		const { code, message, hint, exitCode } = error;
		return { code, message, exitCode, ...(hint === undefined ? {} : { hint }) };
	}
	return { message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}
