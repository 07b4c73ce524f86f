import { badLayer } from './bad-layer.ts';
import { type LayerEntry, makeEntry } from './layer-entry.ts';
import type { DataSink } from './layer-writer.ts';
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
	isZero,
	OLD_GNU_IS_EXTENDED,
	OLD_GNU_NEXT_IS_EXTENDED,
	OLD_GNU_REAL_SIZE,
	OLD_GNU_SEGMENTS,
	readHeader,
	readNumber,
	readTypeAndSize,
	type TarHeader,
	untilNul,
	verifyChecksum,
} from './tar-header.ts';

const BLOCK = 512;
const MAX_EXTENSION_BYTES = 1 << 20;
/** Types without data, whatever their size field says: links, devices, directories, FIFOs. */
const HEADER_ONLY = '123456';
const FILE_TYPES = '07\0';

type State = 'header' | 'data' | 'padding' | 'collect' | 'old-gnu-map' | 'map-in-data' | 'ended';
type Collecting = { readonly kind: 'x' | 'g' | 'L' | 'K'; readonly size: number };

/** Called in the order of the archive; what it throws ends the reading. */
export type OnEntry = (entry: LayerEntry) => DataSink | undefined;

/**
 * Reads a tar stream as it comes, in pieces of any size: ustar, PAX, GNU long names and sparse files of every format. Values are bytes
 * throughout, so binary extended attributes and names stay what they are. The stream ends at the end marker, whatever comes after it.
 */
export class TarParser {
	readonly #onEntry: OnEntry;
	#state: State = 'header';
	/** Bytes that the state still wants. */
	#wanted = BLOCK;
	/** After the data of this entry. */
	#padding = 0;
	#sink: DataSink | undefined;
	#parts: Buffer[] = [];
	#collecting: Collecting = { kind: 'g', size: 0 };
	#sawZeroBlock = false;
	#longName: string | undefined;
	#longLink: string | undefined;
	#pax: PaxRecords = NO_PAX;
	/** Of a sparse file whose map is being read. */
	#held: TarHeader | undefined;
	#segments: number[] = [];
	#realSize = 0;
	#mapText = '';

	constructor(onEntry: OnEntry) {
		this.#onEntry = onEntry;
	}

	/** @throws TsrunError TSRUN_BAD_LAYER, and what `onEntry` and its sinks throw */
	push(chunk: Buffer): void {
		for (let at = 0; at < chunk.length && this.#state !== 'ended'; ) {
			const part = chunk.subarray(at, at + this.#wanted);
			at += part.length;
			this.#wanted -= part.length;
			if (this.#state === 'data') {
				this.#sink?.write(part);
				if (this.#wanted === 0) this.#endData();
			} else if (this.#state === 'padding') {
				if (this.#wanted === 0) this.#expect('header', BLOCK);
			} else {
				this.#parts.push(part);
				if (this.#wanted > 0) continue;
				const block = this.#parts.length === 1 ? part : Buffer.concat(this.#parts);
				this.#parts = [];
				this.#accept(block);
			}
		}
	}

	/**
	 * At the end of the stream. The end marker may be missing, and so may the zeros that fill the last block: `umoci insert` leaves them
	 * out, and Go's reader does not miss them.
	 * @throws TsrunError TSRUN_BAD_LAYER when the stream ended inside of an entry
	 */
	finish(): void {
		const isComplete =
			this.#state === 'ended' ||
			(this.#state === 'header' && this.#wanted === BLOCK) ||
			(this.#state === 'padding' && this.#wanted === this.#padding);
		if (!isComplete) throw badLayer('ends in the middle of a tar entry', { hint: 'the layer is truncated' });
	}

	#expect(state: State, bytes: number): void {
		this.#state = state;
		this.#wanted = bytes;
	}

	#endData(): void {
		this.#sink?.end();
		this.#sink = undefined;
		if (this.#padding === 0) this.#expect('header', BLOCK);
		else this.#expect('padding', this.#padding);
	}

	#accept(block: Buffer): void {
		switch (this.#state) {
			case 'header':
				this.#acceptHeader(block);
				break;
			case 'collect':
				this.#acceptExtension(block.subarray(0, this.#collecting.size));
				this.#expect('header', BLOCK);
				break;
			case 'old-gnu-map':
				this.#segments.push(...readOldGnuSegments(block, 0, 21));
				this.#continueOldGnuSparse(block[OLD_GNU_NEXT_IS_EXTENDED] === 1);
				break;
			case 'map-in-data':
				this.#acceptMapInData(block);
				break;
		}
	}

	#acceptHeader(block: Buffer): void {
		this.#expect('header', BLOCK);
		if (isZero(block)) {
			if (this.#sawZeroBlock) this.#state = 'ended';
			this.#sawZeroBlock = true;
			return;
		}
		if (this.#sawZeroBlock) throw badLayer('has an entry after a single zero block');
		verifyChecksum(block);
		const { type, size } = readTypeAndSize(block);
		if (size < 0) throw badLayer('has an entry with a negative size');
		if (type === 'x' || type === 'g' || type === 'L' || type === 'K') this.#beginExtension(type, size);
		else if (type === 'S') this.#beginOldGnuSparse(block);
		else this.#beginEntry(readHeader(block));
	}

	#beginEntry(header: TarHeader): void {
		const { type } = header;
		const size = HEADER_ONLY.includes(type) ? 0 : (paxNumber(this.#pax, 'size') ?? header.size);
		const isFile = FILE_TYPES.includes(type);
		const entry = size === header.size ? header : { ...header, size };
		if (isFile && hasMapInData(this.#pax)) {
			this.#held = entry;
			this.#mapText = '';
			this.#expect('map-in-data', BLOCK);
			return;
		}
		this.#emit(entry, isFile ? paxSparseMap(this.#pax) : undefined);
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

	#beginOldGnuSparse(block: Buffer): void {
		this.#held = { ...readHeader(block), type: '0' };
		this.#realSize = readNumber(block, OLD_GNU_REAL_SIZE, 12);
		this.#segments = [...readOldGnuSegments(block, OLD_GNU_SEGMENTS, 4)];
		this.#continueOldGnuSparse(block[OLD_GNU_IS_EXTENDED] === 1);
	}

	#continueOldGnuSparse(hasMore: boolean): void {
		if (this.#segments.length > MAX_EXTENSION_BYTES) throw badLayer('has a sparse file with too many parts');
		if (hasMore) this.#expect('old-gnu-map', BLOCK);
		else this.#emit(this.#takeHeld(), { realSize: this.#realSize, segments: this.#segments });
	}

	#acceptMapInData(block: Buffer): void {
		this.#mapText += block.toString('latin1');
		if (this.#mapText.length > MAX_EXTENSION_BYTES) throw badLayer('has a sparse file with too many parts');
		const segments = readMapInData(this.#mapText);
		if (segments === undefined) {
			this.#expect('map-in-data', BLOCK);
			return;
		}
		const realSize = paxNumber(this.#pax, 'GNU.sparse.realsize') ?? 0;
		const header = this.#takeHeld();
		const size = header.size - this.#mapText.length;
		if (size < 0) throw badLayer('has a sparse file that is shorter than its map');
		this.#emit({ ...header, size }, { realSize, segments });
	}

	#takeHeld(): TarHeader {
		const held = this.#held;
		if (held === undefined) throw new Error('a map of a sparse file without a header');
		this.#held = undefined;
		return held;
	}

	#emit(header: TarHeader, sparse: SparseMap | undefined): void {
		const { size } = header;
		if (sparse !== undefined) checkSparseMap(sparse, size);
		const extension = { longName: this.#longName, longLink: this.#longLink, pax: this.#pax, sparse };
		this.#longName = undefined;
		this.#longLink = undefined;
		this.#pax = NO_PAX;
		this.#sink = this.#onEntry(makeEntry(header, extension));
		this.#padding = (BLOCK - (size % BLOCK)) % BLOCK;
		if (size === 0) this.#endData();
		else this.#expect('data', size);
	}
}

function roundUp(size: number): number {
	return Math.ceil(size / BLOCK) * BLOCK;
}
