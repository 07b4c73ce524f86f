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

export interface PoolOptions {
	readonly atOnce?: number;
	/** Threads beside this one. */
	readonly threads?: boolean;
}

/**
 * Extracts several layers at once, each but one in a thread of its own where there are more than two processors.
 * Decompression runs beside the extraction in any case, so that on two processors threads only cost (12 % more time for four
 * layers of 587 MB). Without the worker's file (the sources under a test runner, a single-file program) all run in this thread.
 */
export function openExtractPool({ atOnce, threads }: PoolOptions = {}): ExtractPool {
	const processors = availableParallelism();
	const limit = atOnce ?? Math.min(processors, MAX_AT_ONCE);
	const workerFile = (threads ?? processors > 2) ? findWorkerFile() : undefined;
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
		const worker = idle.pop() ?? new Worker(workerFile, { execArgv: [], trackUnmanagedFds: false });
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
		const onMessage = ({ extraction, failure }: ExtractReply): void => {
			stopListening();
			if (extraction === undefined) reject(rebuild(failure));
			else resolve(extraction);
		};
		const onError = (error: Error): void => {
			stopListening();
			reject(error);
		};
		const onExit = (code: number): void => onError(new Error(`the thread that extracts a layer ended with ${code}`));
		// not removeAllListeners: the worker has one of its own, without which no second answer arrives
		const stopListening = (): void => {
			worker.off('message', onMessage).off('error', onError).off('exit', onExit);
		};
		worker.on('message', onMessage).on('error', onError).on('exit', onExit);
		worker.postMessage(job);
	});
}

function rebuild(failure: ExtractReply['failure']): Error {
	const { code, message, ...options } = failure ?? { message: 'the thread that extracts a layer said nothing' };
	return code === undefined ? new Error(message) : new TsrunError(code, message, options);
}
