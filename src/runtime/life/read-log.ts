import { closeSync, type FSWatcher, readSync, watch } from 'node:fs';
import { dirname } from 'node:path';
import type { ContainerId } from '../../core/brands.ts';
import { readContainer, type StateDirectory } from '../../state/state-directory.ts';
import { closeAll, isFile, type LogPlace, openNewer, openTail } from './log-files.ts';
import { LineCutter, type LogLine, parseLogLine } from './log-line.ts';

const PIECE = 65_536;
/** How long a follower sleeps at most before it looks whether the container has ended. */
const LOOK_MS = 100;

export interface ReadLogRequest {
	/** The newest file. */
	readonly path: string;
	/** How many of the last lines; all where it is absent. */
	readonly tail?: number;
	/** Where to begin, in place of that; they are closed at the end. */
	readonly from?: readonly LogPlace[];
	/** Goes on until the container has ended; absent: ends with what is there. */
	readonly follow?: { readonly directory: StateDirectory; readonly id: ContainerId };
}

/**
 * The lines of a log, the oldest first, over all its files. Who asks for the next line slowly holds up nothing but itself: the supervisor
 * writes files, whoever reads them.
 */
export async function* readLog({ path, tail, from, follow }: ReadLogRequest): AsyncGenerator<LogLine> {
	const places = [...(from ?? openTail(path, tail))];
	const cutter = new LineCutter();
	const alarm = follow === undefined ? undefined : watchLog(path);
	try {
		for (;;) {
			// Looked at before what is read, so that nothing comes after the last piece.
			const isOver = follow === undefined || hasEnded(follow);
			for (; places.length > 0; ) {
				const place = places[0] as LogPlace;
				const offset = yield* readRest(place, cutter);
				const newer = isFile(place.fd, path) ? [] : openNewer(place.fd, path);
				places[0] = { ...place, offset };
				if (places.length === 1 && newer.length === 0) break;
				// What was written to it before it was rotated, and after the last look.
				yield* readRest({ ...place, offset }, cutter);
				closeSync(place.fd);
				places.shift();
				if (places.length === 0) places.push(...newer);
				else closeAll(newer);
			}
			if (isOver) return;
			if (places.length === 0) places.push(...openTail(path, undefined));
			await alarm?.next();
		}
	} finally {
		alarm?.close();
		closeAll(places);
	}
}

function* readRest({ fd, offset }: LogPlace, cutter: LineCutter): Generator<LogLine, number> {
	let at = offset;
	for (;;) {
		const piece = new Uint8Array(PIECE);
		const length = readSync(fd, piece, 0, PIECE, at);
		if (length === 0) return at;
		at += length;
		for (const bytes of cutter.push(piece.subarray(0, length))) {
			const line = parseLogLine(bytes);
			if (line !== undefined) yield line;
		}
	}
}

function hasEnded({ directory, id }: NonNullable<ReadLogRequest['follow']>): boolean {
	const status = readContainer(directory, id)?.status;
	return status !== 'running' && status !== 'creating' && status !== 'restarting';
}

interface Alarm {
	/** Resolves at the next change of the log, or after a while. */
	readonly next: () => Promise<void>;
	readonly close: () => void;
}

function watchLog(path: string): Alarm {
	let wake = (): void => {};
	let hasChanged = false;
	const watcher = watchIfThere(dirname(path), () => {
		hasChanged = true;
		wake();
	});
	return {
		next: () =>
			new Promise(resolve => {
				const timer = setTimeout(resolve, hasChanged ? 0 : LOOK_MS);
				wake = () => {
					clearTimeout(timer);
					resolve();
				};
				hasChanged = false;
			}),
		close: () => watcher?.close(),
	};
}

/** A container with --rm may have gone already. */
function watchIfThere(directory: string, onChange: () => void): FSWatcher | undefined {
	try {
		return watch(directory, onChange);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
		return undefined;
	}
}
