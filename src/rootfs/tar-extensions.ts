import { badLayer } from './bad-layer.ts';
import { NO_PAX, type PaxRecords, parsePax, paxNumber } from './pax-records.ts';
import {
	checkSparseMap,
	hasMapInData,
	paxSparseMap,
	readMapInData,
	readOldGnuSegments,
	type SparseMap,
} from './sparse-map.ts';
import {
	GID,
	isZero,
	MODE,
	MTIME,
	OLD_GNU_IS_EXTENDED,
	OLD_GNU_NEXT_IS_EXTENDED,
	OLD_GNU_REAL_SIZE,
	OLD_GNU_SEGMENTS,
	readNumber,
	rewriteHeader,
	SIZE,
	TYPE,
	UID,
	verifyChecksum,
} from './tar-header.ts';

/** What extension headers say of the next entry. */
export interface Extension {
	readonly longName?: string;
	readonly longLink?: string;
	readonly pax: PaxRecords;
	readonly sparse?: SparseMap;
	/** The header's own numbers: tar-stream reads a negative one as the next larger, and so the owner -1 as root. */
	readonly mode: number;
	readonly uid: number;
	readonly gid: number;
	/** In seconds. */
	readonly mtime: number;
}

const BLOCK = 512;
const MAX_EXTENSION_BYTES = 1 << 20;
/** Types without data, whatever their size field says: links, devices, directories, FIFOs. */
const HEADER_ONLY = '123456';
const FILE_TYPES = '07\0';

type State = 'header' | 'pass' | 'collect' | 'old-gnu-map' | 'map-in-data' | 'ended';
type Collecting = { readonly kind: 'x' | 'g' | 'L' | 'K'; readonly size: number };

/**
 * Takes the extensions (PAX headers, GNU long names, GNU sparse maps) out of a tar stream, so that what remains is plain
 * ustar for tar-stream, entry by entry with {@link take}. tar-stream reads PAX values as UTF-8, which ruins binary
 * extended attributes and names, and does not know sparse files. The stream ends at the end marker, whatever comes after it.
 */
export class TarExtensions {
	readonly #ready: Extension[] = [];
	#state: State = 'header';
	/** Bytes that the state still wants. */
	#wanted = BLOCK;
	/** Of the entry that is passed on, after its data. */
	#padding = 0;
	#parts: Buffer[] = [];
	#collecting: Collecting = { kind: 'g', size: 0 };
	#sawZeroBlock = false;
	#longName: string | undefined;
	#longLink: string | undefined;
	#pax: PaxRecords = NO_PAX;
	/** The header of a sparse file whose map is being read. */
	#held: Buffer = Buffer.alloc(0);
	#segments: number[] = [];
	#mapText = '';

	/** @returns the plain stream's bytes; @throws TsrunError TSRUN_BAD_LAYER */
	push(chunk: Buffer): readonly Buffer[] {
		const out: Buffer[] = [];
		let at = 0;
		while (at < chunk.length && this.#state !== 'ended') {
			const part = chunk.subarray(at, at + this.#wanted);
			at += part.length;
			this.#wanted -= part.length;
			if (this.#state === 'pass') {
				append(out, part);
				if (this.#wanted === 0) this.#expect('header', BLOCK);
				continue;
			}
			this.#parts.push(part);
			if (this.#wanted > 0) continue;
			const block = this.#parts.length === 1 ? part : Buffer.concat(this.#parts);
			this.#parts = [];
			this.#accept(block, out);
		}
		return out;
	}

	/** The extensions of the entry whose header was passed on next. */
	take(): Extension {
		const extension = this.#ready.shift();
		if (extension === undefined) throw new Error('an entry without a header');
		return extension;
	}

	/**
	 * What the plain stream still lacks: nothing, or the zeros that fill the last block. `umoci insert` leaves them out, with the end
	 * marker, and Go's reader does not miss them.
	 * @throws TsrunError TSRUN_BAD_LAYER when the stream ended inside of an entry
	 */
	finish(): Buffer {
		if (this.#state === 'pass' && this.#wanted === this.#padding) return Buffer.alloc(this.#padding);
		const isComplete = this.#state === 'ended' || (this.#state === 'header' && this.#wanted === BLOCK);
		if (!isComplete) throw badLayer('ends in the middle of a tar entry', { hint: 'the layer is truncated' });
		return Buffer.alloc(0);
	}

	#expect(state: State, bytes: number): void {
		this.#state = state;
		this.#wanted = bytes;
	}

	#accept(block: Buffer, out: Buffer[]): void {
		switch (this.#state) {
			case 'header':
				this.#acceptHeader(block, out);
				break;
			case 'collect':
				this.#acceptExtension(block.subarray(0, this.#collecting.size));
				this.#expect('header', BLOCK);
				break;
			case 'old-gnu-map':
				this.#segments.push(...readOldGnuSegments(block, 0, 21));
				this.#continueOldGnuSparse(block[OLD_GNU_NEXT_IS_EXTENDED] === 1, out);
				break;
			case 'map-in-data':
				this.#acceptMapInData(block, out);
				break;
		}
	}

	#acceptHeader(block: Buffer, out: Buffer[]): void {
		this.#expect('header', BLOCK);
		if (isZero(block)) {
			if (this.#sawZeroBlock) this.#state = 'ended';
			this.#sawZeroBlock = true;
			return;
		}
		if (this.#sawZeroBlock) throw badLayer('has an entry after a single zero block');
		verifyChecksum(block);
		const type = String.fromCharCode(block[TYPE] ?? 0);
		const size = readNumber(block, SIZE, 12);
		if (size < 0) throw badLayer('has an entry with a negative size');
		if (type === 'x' || type === 'g' || type === 'L' || type === 'K') this.#beginExtension(type, size);
		else if (type === 'S') this.#beginOldGnuSparse(block, out);
		else this.#beginEntry(block, { type, size }, out);
	}

	#beginEntry(block: Buffer, { type, size }: { type: string; size: number }, out: Buffer[]): void {
		const stored = HEADER_ONLY.includes(type) ? 0 : (paxNumber(this.#pax, 'size') ?? size);
		const isFile = FILE_TYPES.includes(type);
		if (isFile && hasMapInData(this.#pax)) {
			this.#held = rewriteHeader(block, '0', stored);
			this.#mapText = '';
			this.#expect('map-in-data', BLOCK);
			return;
		}
		const sparse = isFile ? paxSparseMap(this.#pax) : undefined;
		this.#emit(stored === size ? block : rewriteHeader(block, type, stored), { stored, sparse }, out);
	}

	#beginExtension(kind: Collecting['kind'], size: number): void {
		if (size > MAX_EXTENSION_BYTES) throw badLayer(`has an extension header of ${size} bytes`);
		this.#collecting = { kind, size };
		if (size === 0) this.#acceptExtension(Buffer.alloc(0));
		else this.#expect('collect', roundUp(size));
	}

	#acceptExtension(payload: Buffer): void {
		switch (this.#collecting.kind) {
			case 'x':
				this.#pax = parsePax(payload);
				return;
			case 'L':
				this.#longName = untilNul(payload);
				return;
			case 'K':
				this.#longLink = untilNul(payload);
				return;
			case 'g':
				return;
		}
	}

	#beginOldGnuSparse(block: Buffer, out: Buffer[]): void {
		this.#held = Buffer.from(block);
		this.#segments = [...readOldGnuSegments(block, OLD_GNU_SEGMENTS, 4)];
		this.#continueOldGnuSparse(block[OLD_GNU_IS_EXTENDED] === 1, out);
	}

	#continueOldGnuSparse(hasMore: boolean, out: Buffer[]): void {
		if (this.#segments.length > MAX_EXTENSION_BYTES) throw badLayer('has a sparse file with too many parts');
		if (hasMore) {
			this.#expect('old-gnu-map', BLOCK);
			return;
		}
		const stored = readNumber(this.#held, SIZE, 12);
		const realSize = readNumber(this.#held, OLD_GNU_REAL_SIZE, 12);
		const sparse = { realSize, segments: this.#segments };
		this.#emit(rewriteHeader(this.#held, '0', stored), { stored, sparse }, out);
	}

	#acceptMapInData(block: Buffer, out: Buffer[]): void {
		this.#mapText += block.toString('latin1');
		if (this.#mapText.length > MAX_EXTENSION_BYTES) throw badLayer('has a sparse file with too many parts');
		const segments = readMapInData(this.#mapText);
		if (segments === undefined) {
			this.#expect('map-in-data', BLOCK);
			return;
		}
		const realSize = paxNumber(this.#pax, 'GNU.sparse.realsize') ?? 0;
		const stored = readNumber(this.#held, SIZE, 12) - this.#mapText.length;
		if (stored < 0) throw badLayer('has a sparse file that is shorter than its map');
		this.#emit(rewriteHeader(this.#held, '0', stored), { stored, sparse: { realSize, segments } }, out);
	}

	#emit(header: Buffer, { stored, sparse }: { stored: number; sparse: SparseMap | undefined }, out: Buffer[]): void {
		if (sparse !== undefined) checkSparseMap(sparse, stored);
		this.#ready.push({
			...(this.#longName === undefined ? {} : { longName: this.#longName }),
			...(this.#longLink === undefined ? {} : { longLink: this.#longLink }),
			...(sparse === undefined ? {} : { sparse }),
			pax: this.#pax,
			mode: readNumber(header, MODE, 8),
			uid: readNumber(header, UID, 8),
			gid: readNumber(header, GID, 8),
			mtime: readNumber(header, MTIME, 12),
		});
		this.#longName = undefined;
		this.#longLink = undefined;
		this.#pax = NO_PAX;
		append(out, header);
		if (stored === 0) this.#expect('header', BLOCK);
		else this.#expect('pass', roundUp(stored));
		this.#padding = roundUp(stored) - stored;
	}
}

/** As one piece with the last where it lies right behind that in memory: each piece costs tar-stream a turn of its own. */
function append(pieces: Buffer[], piece: Buffer): void {
	const last = pieces.at(-1);
	if (last === undefined || last.buffer !== piece.buffer || last.byteOffset + last.length !== piece.byteOffset) {
		pieces.push(piece);
		return;
	}
	pieces[pieces.length - 1] = Buffer.from(last.buffer, last.byteOffset, last.length + piece.length);
}

function roundUp(size: number): number {
	return Math.ceil(size / BLOCK) * BLOCK;
}

function untilNul(bytes: Buffer): string {
	const nul = bytes.indexOf(0);
	return bytes.toString('latin1', 0, nul === -1 ? bytes.length : nul);
}
