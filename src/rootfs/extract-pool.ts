import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { TsrunError } from '../core/errors.ts';
import { type Extraction, type ExtractJob, extractLayer } from './extract-layer.ts';

/** What a worker answers: one of the two. */
export interface ExtractReply {
	readonly extraction?: Extraction;
	readonly failure?: {
		readonly code?: `TSRUN_${string}`;
		readonly message: string;
		readonly hint?: string;
		readonly exitCode?: number;
	};
}

export interface ExtractPool {
	readonly extract: (job: ExtractJob) => Promise<Extraction>;
	readonly close: () => Promise<void>;
}

const MAX_AT_ONCE = 4;

/**
 * Extracts several layers at once. Each but the first at a time gets a thread; where the worker's file is not there (the
 * sources under a test runner, a single-file program) all run in this thread, where at least decompression is parallel.
 */
export function openExtractPool(limit = Math.min(availableParallelism(), MAX_AT_ONCE)): ExtractPool {
	const workerFile = findWorkerFile();
	const idle: Worker[] = [];
	const workers: Worker[] = [];
	const waiting: (() => void)[] = [];
	let running = 0;
	let isMainBusy = false;

	const run = async (job: ExtractJob): Promise<Extraction> => {
		if (workerFile === undefined) return extractLayer(job);
		if (!isMainBusy) {
			isMainBusy = true;
			return extractLayer(job).finally(() => {
				isMainBusy = false;
			});
		}
		const worker = idle.pop() ?? new Worker(workerFile, { trackUnmanagedFds: false });
		if (!workers.includes(worker)) workers.push(worker);
		return ask(worker, job).finally(() => idle.push(worker));
	};
	return {
		extract: async job => {
			if (running >= limit) await new Promise<void>(resolve => waiting.push(resolve));
			else running++;
			try {
				return await run(job);
			} finally {
				const next = waiting.shift();
				if (next === undefined) running--;
				else next();
			}
		},
		close: async () => {
			await Promise.all(workers.map(worker => worker.terminate()));
		},
	};
}

/** The build makes dist/lib/extract-worker.js; sources that run as they are have no file that a thread could load. */
function findWorkerFile(): string | undefined {
	if (import.meta.filename.endsWith('.ts')) return undefined;
	const file = join(import.meta.dirname, '../../dist/lib/extract-worker.js');
	return existsSync(file) ? file : undefined;
}

function ask(worker: Worker, job: ExtractJob): Promise<Extraction> {
	return new Promise((resolve, reject) => {
		const settle = (act: () => void): void => {
			worker.removeAllListeners();
			act();
		};
		worker.once('error', error => settle(() => reject(error)));
		worker.once('exit', code => settle(() => reject(new Error(`the thread that extracts a layer ended with ${code}`))));
		worker.once('message', ({ extraction, failure }: ExtractReply) =>
			settle(() => (extraction === undefined ? reject(rebuild(failure)) : resolve(extraction))),
		);
		worker.postMessage(job);
	});
}

function rebuild(failure: ExtractReply['failure']): Error {
	const { code, message, ...options } = failure ?? { message: 'the thread that extracts a layer said nothing' };
	return code === undefined ? new Error(message) : new TsrunError(code, message, options);
}
