import { Buffer } from 'node:buffer';

/** One entry of a tar archive, with nothing checked: a test writes what it wants to be read. */
export interface TarEntry {
	readonly name: string | Buffer;
	/** Type flag; `0`, a file, unless told. `5` directory, `2` symlink, `1` hard link, `3` and `4` devices, `6` FIFO. */
	readonly type?: string;
	readonly mode?: number;
	readonly uid?: number;
	readonly gid?: number;
	/** Seconds. */
	readonly mtime?: number;
	readonly link?: string | Buffer;
	readonly data?: string | Buffer;
	readonly device?: readonly [number, number];
	/** PAX records in front of the entry. */
	readonly pax?: Readonly<Record<string, string | Buffer>>;
	/** Size field, where it is to lie. */
	readonly size?: number;
	/** Bytes put into the finished header, by offset, before its checksum is made. */
	readonly patch?: Readonly<Record<number, string | Buffer>>;
	/** GNU long name headers instead of a cut name. */
	readonly gnuLong?: boolean;
}

const BLOCK = 512;

export function tarArchive(entries: readonly TarEntry[]): Buffer {
	return Buffer.concat([...entries.flatMap(blocksOf), Buffer.alloc(2 * BLOCK)]);
}

/** The blocks of one entry, its extension headers first. */
export function blocksOf(entry: TarEntry): readonly Buffer[] {
	const name = Buffer.from(entry.name);
	const link = Buffer.from(entry.link ?? '');
	const data = Buffer.from(entry.data ?? '');
	const before: Buffer[] = [];
	if (entry.pax !== undefined) before.push(...extension('x', 'PaxHeader', paxBytes(entry.pax)));
	if (entry.gnuLong === true) {
		before.push(...extension('L', '././@LongLink', Buffer.concat([name, Buffer.alloc(1)])));
		if (link.length > 0) before.push(...extension('K', '././@LongLink', Buffer.concat([link, Buffer.alloc(1)])));
	}
	return [...before, header(entry, { name, link, size: entry.size ?? data.length }), ...padded(data)];
}

export function paxBytes(records: Readonly<Record<string, string | Buffer>>): Buffer {
	return Buffer.concat(
		Object.entries(records).map(([key, value]) => {
			const body = Buffer.concat([Buffer.from(` ${key}=`), Buffer.from(value), Buffer.from('\n')]);
			let length = body.length + 1;
			while (String(length).length + body.length !== length) length = String(length).length + body.length;
			return Buffer.concat([Buffer.from(String(length)), body]);
		}),
	);
}

function extension(type: string, name: string, payload: Buffer): readonly Buffer[] {
	return [
		header({ name, type }, { name: Buffer.from(name), link: Buffer.alloc(0), size: payload.length }),
		...padded(payload),
	];
}

function header(entry: TarEntry, { name, link, size }: { name: Buffer; link: Buffer; size: number }): Buffer {
	const block = Buffer.alloc(BLOCK);
	name.copy(block, 0, 0, 100);
	octal(block, 100, 8, entry.mode ?? 0o644);
	octal(block, 108, 8, entry.uid ?? 0);
	octal(block, 116, 8, entry.gid ?? 0);
	octal(block, 124, 12, size);
	octal(block, 136, 12, entry.mtime ?? 1_600_000_000);
	block.write(entry.type ?? '0', 156, 'latin1');
	link.copy(block, 157, 0, 100);
	block.write(entry.gnuLong === true || entry.type === 'S' ? 'ustar  \0' : 'ustar\x0000', 257, 'latin1');
	octal(block, 329, 8, entry.device?.[0] ?? 0);
	octal(block, 337, 8, entry.device?.[1] ?? 0);
	for (const [offset, bytes] of Object.entries(entry.patch ?? {})) Buffer.from(bytes).copy(block, Number(offset));
	block.fill(' ', 148, 156);
	const sum = block.reduce((total, byte) => total + byte, 0);
	block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
	return block;
}

function octal(block: Buffer, offset: number, length: number, value: number): void {
	if (value >= 0 && value < 8 ** (length - 1)) {
		block.write(`${value.toString(8).padStart(length - 1, '0')}\0`, offset, 'latin1');
		return;
	}
	let rest = BigInt.asUintN(8 * length, BigInt(value)) | (1n << BigInt(8 * length - 1));
	for (let i = length - 1; i >= 0; i--, rest >>= 8n) block[offset + i] = Number(rest & 255n);
}

function padded(data: Buffer): readonly Buffer[] {
	return data.length === 0 ? [] : [data, Buffer.alloc((BLOCK - (data.length % BLOCK)) % BLOCK)];
}
