import { badLayer } from './bad-layer.ts';
import { type PaxRecords, paxNumber } from './pax-records.ts';
import { readNumber } from './tar-header.ts';

/** A file with holes: its length, and where the stored data goes. */
export interface SparseMap {
	readonly realSize: number;
	/** Offset and length in turn, ascending. */
	readonly segments: readonly number[];
}

/** Enough for a 4 TiB file with a hole in each MiB. */
const MAX_SEGMENTS = 1 << 22;

/** The parts of a map in a block of the old GNU format: `count` pairs of twelve-byte numbers from `offset`. */
export function readOldGnuSegments(block: Buffer, offset: number, count: number): readonly number[] {
	const segments: number[] = [];
	for (let at = offset; at < offset + count * 24 && block[at] !== 0; at += 24) {
		segments.push(readNumber(block, at, 12), readNumber(block, at + 12, 12));
	}
	return segments;
}

/** The map of a PAX sparse file of format 0.0 or 0.1; undefined where there is none. Format 1.0 keeps its map in the data. */
export function paxSparseMap(pax: PaxRecords): SparseMap | undefined {
	const listed = pax.values.get('GNU.sparse.map');
	const segments = listed === undefined ? pax.sparsePairs : listed.split(',').map(Number);
	const realSize = paxNumber(pax, 'GNU.sparse.size') ?? paxNumber(pax, 'GNU.sparse.realsize');
	return realSize === undefined || (listed === undefined && segments.length === 0) ? undefined : { realSize, segments };
}

/** Whether the data of the entry begins with a map (GNU sparse format 1.0). */
export function hasMapInData({ values }: PaxRecords): boolean {
	return values.get('GNU.sparse.major') === '1' && values.get('GNU.sparse.minor') === '0';
}

/** Reads a map of format 1.0: decimal numbers, each ending in a newline. Undefined when more blocks are needed. */
export function readMapInData(text: string): readonly number[] | undefined {
	const firstLine = text.indexOf('\n');
	if (firstLine === -1 && text.length < 20) return undefined;
	const count = firstLine === -1 ? Number.NaN : Number(text.slice(0, firstLine));
	if (!Number.isInteger(count) || count < 0 || count > MAX_SEGMENTS)
		throw badLayer('has a malformed map of a sparse file');
	if (text.length < firstLine + count * 4) return undefined;
	const lines = text.split('\n', count * 2 + 2);
	return lines.length < count * 2 + 2 ? undefined : lines.slice(1, count * 2 + 1).map(Number);
}

/** @throws TsrunError TSRUN_BAD_LAYER unless the segments ascend, stay inside the file, and add up to the stored size */
export function checkSparseMap({ realSize, segments }: SparseMap, storedSize: number): void {
	let end = 0;
	let sum = 0;
	for (let i = 0; i < segments.length; i += 2) {
		const offset = segments[i] ?? Number.NaN;
		const length = segments[i + 1] ?? Number.NaN;
		if (!(Number.isSafeInteger(offset) && Number.isSafeInteger(length) && offset >= end && length >= 0)) {
			throw badLayer('has a sparse file whose parts overlap or are not numbers');
		}
		end = offset + length;
		sum += length;
	}
	if (end > realSize || sum !== storedSize || !Number.isSafeInteger(realSize)) {
		throw badLayer('has a sparse file whose parts do not add up to its size');
	}
}
