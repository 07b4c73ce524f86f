import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { turns } from '../core/turns.ts';
import { extractInThread } from './extract-in-thread.ts';
import { type Extraction, type ExtractJob, extractLayer } from './extract-layer.ts';

export interface ExtractPool {
	readonly extract: (job: ExtractJob) => Promise<Extraction>;
	readonly close: () => Promise<void>;
}

export interface PoolOptions {
	/** Threads that write layers, beside this one, which reads them. */
	readonly threads?: number;
	/** Of all blobs that will come: for a small image another thread is not worth its start. */
	readonly bytes?: number;
}

const MAX_THREADS = 4;
const SMALL_BYTES = 1 << 20;
/** A small young generation is collected often: the pieces of a layer, which V8 does not count when they come, go with it. */
const WORKER_OPTIONS = { execArgv: [], trackUnmanagedFds: false, resourceLimits: { maxYoungGenerationSizeMb: 3 } };

/**
 * Extracts several layers at once. This thread reads and verifies them, and the writing, which is more than half of the work, is
 * other threads': one fewer than there are processors. Without the worker's file (the sources under a test runner, a single-file
 * program) this thread does all.
 */
export function openExtractPool({ threads, bytes = SMALL_BYTES }: PoolOptions = {}): ExtractPool {
	const limit = threads ?? Math.min(availableParallelism() - 1, MAX_THREADS);
	const workerFile = limit > 0 && bytes >= SMALL_BYTES ? findWorkerFile() : undefined;
	const staff: { readonly worker: Worker; jobs: number }[] = [];
	// one more than write, so that the next layer has begun when one is done
	const takeTurn = turns(limit + 1);

	const idlest = (file: string): (typeof staff)[number] => {
		const found = staff.toSorted((a, b) => a.jobs - b.jobs)[0];
		if (found !== undefined && (found.jobs === 0 || staff.length >= limit)) return found;
		const added = { worker: new Worker(file, WORKER_OPTIONS), jobs: 0 };
		staff.push(added);
		return added;
	};
	const run = async (job: ExtractJob): Promise<Extraction> => {
		if (workerFile === undefined) return extractLayer(job);
		const member = idlest(workerFile);
		member.jobs++;
		return extractInThread(member.worker, job).finally(() => {
			member.jobs--;
		});
	};
	return {
		extract: job => takeTurn(() => run(job)),
		close: async () => {
			await Promise.all(staff.map(({ worker }) => worker.terminate()));
		},
	};
}

/** The build makes dist/lib/extract-worker.js; sources that run as they are have no file that a thread could load. */
function findWorkerFile(): string | undefined {
	if (import.meta.filename.endsWith('.ts')) return undefined;
	const file = join(import.meta.dirname, '../../dist/lib/extract-worker.js');
	return existsSync(file) ? file : undefined;
}
