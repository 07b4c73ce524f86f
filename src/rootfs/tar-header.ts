import { badLayer } from './bad-layer.ts';

/** Offsets in a header block of ustar and GNU tar (tar(5)). */
const NAME = 0;
const MODE = 100;
const UID = 108;
const GID = 116;
const SIZE = 124;
const MTIME = 136;
const CHECKSUM = 148;
const TYPE = 156;
const LINK_NAME = 157;
const MAGIC = 257;
const DEVICE_MAJOR = 329;
const DEVICE_MINOR = 337;
const PREFIX = 345;
const NAME_BYTES = 100;
const PREFIX_BYTES = 155;
/** Old GNU sparse format: four pairs, whether more blocks follow, the real size. */
export const OLD_GNU_SEGMENTS = 386;
export const OLD_GNU_IS_EXTENDED = 482;
export const OLD_GNU_REAL_SIZE = 483;
export const OLD_GNU_NEXT_IS_EXTENDED = 504;

/**
 * A numeric field: octal digits, or base 256 in two's complement when the first bit is set.
 * @throws TsrunError TSRUN_BAD_LAYER
 */
export function readNumber(block: Buffer, offset: number, length: number): number {
	const first = block[offset] ?? 0;
	if ((first & 0x80) !== 0) return readBase256(block.subarray(offset, offset + length));
	const end = offset + length;
	let at = offset;
	while (at < end && isBlank(block[at])) at++;
	let value = 0;
	for (; at < end && !isBlank(block[at]); at++) {
		const digit = (block[at] ?? 0) - DIGIT_ZERO;
		if (digit < 0 || digit > 7) throw notOctal(block.toString('latin1', offset, end));
		value = value * 8 + digit;
	}
	return value;
}

const DIGIT_ZERO = 0x30;

const isBlank = (byte: number | undefined): boolean => byte === 0x20 || byte === 0;

function notOctal(text: string): Error {
	return badLayer(`has the number ${JSON.stringify(text)} in a tar header, which is not octal`);
}

function readBase256(field: Buffer): number {
	const isNegative = ((field[0] ?? 0) & 0x40) !== 0;
	let value = BigInt((field[0] ?? 0) & 0x3f);
	for (const byte of field.subarray(1)) value = (value << 8n) | BigInt(byte);
	if (isNegative) value -= 1n << BigInt(field.length * 8 - 2);
	const number = Number(value);
	if (!Number.isSafeInteger(number)) throw badLayer('has a number in a tar header that is too large');
	return number;
}

/** A header block. Text is bytes, held as latin-1. */
export interface TarHeader {
	readonly name: string;
	/** One character: the type flag. */
	readonly type: string;
	readonly mode: number;
	readonly uid: number;
	readonly gid: number;
	/** Of the data that follows. */
	readonly size: number;
	/** In seconds. */
	readonly mtime: number;
	readonly linkName: string;
	/** Zeros but of a device. */
	readonly device: readonly [major: number, minor: number];
}

/** What says how a block goes on. @throws TsrunError TSRUN_BAD_LAYER */
export function readTypeAndSize(block: Buffer): Pick<TarHeader, 'type' | 'size'> {
	return { type: String.fromCharCode(block[TYPE] ?? 0), size: readNumber(block, SIZE, 12) };
}

/** @throws TsrunError TSRUN_BAD_LAYER */
export function readHeader(block: Buffer): TarHeader {
	const { type, size } = readTypeAndSize(block);
	const isDevice = type === '3' || type === '4';
	return {
		name: readName(block),
		type,
		mode: readNumber(block, MODE, 8),
		uid: readNumber(block, UID, 8),
		gid: readNumber(block, GID, 8),
		size,
		mtime: readNumber(block, MTIME, 12),
		linkName: readText(block, LINK_NAME, NAME_BYTES),
		device: isDevice ? [readNumber(block, DEVICE_MAJOR, 8), readNumber(block, DEVICE_MINOR, 8)] : NO_DEVICE,
	};
}

const NO_DEVICE: TarHeader['device'] = [0, 0];

/** Only ustar has a prefix; GNU tar keeps times and a sparse map there. */
function readName(block: Buffer): string {
	const name = readText(block, NAME, NAME_BYTES);
	if (block[PREFIX] === 0 || block.toString('latin1', MAGIC, MAGIC + 6) !== 'ustar\0') return name;
	return `${readText(block, PREFIX, PREFIX_BYTES)}/${name}`;
}

function readText(block: Buffer, offset: number, length: number): string {
	if (block[offset] === 0) return '';
	return untilNul(block.subarray(offset, offset + length));
}

export function untilNul(bytes: Buffer): string {
	const nul = bytes.indexOf(0);
	return bytes.toString('latin1', 0, nul === -1 ? bytes.length : nul);
}

/** @throws TsrunError TSRUN_BAD_LAYER */
export function verifyChecksum(block: Buffer): void {
	if (readNumber(block, CHECKSUM, 8) === sumOf(block)) return;
	throw badLayer('is not a tar archive: the checksum of a header is wrong', {
		hint: 'the layer is damaged, or compressed in a way that is not read (gzip and plain are)',
	});
}

export function isZero(block: Buffer): boolean {
	return block[0] === 0 && block.every(byte => byte === 0);
}

function sumOf(block: Buffer): number {
	let sum = 8 * 0x20;
	for (let i = 0; i < CHECKSUM; i++) sum += block[i] ?? 0;
	for (let i = CHECKSUM + 8; i < 512; i++) sum += block[i] ?? 0;
	return sum;
}
