import { badLayer } from './bad-layer.ts';

/** Offsets in a header block of ustar and GNU tar (tar(5)). */
export const MODE = 100;
export const UID = 108;
export const GID = 116;
export const SIZE = 124;
export const MTIME = 136;
const CHECKSUM = 148;
export const TYPE = 156;
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

/** The same header with another type and size. */
export function rewriteHeader(block: Buffer, type: string, size: number): Buffer {
	const copy = Buffer.from(block);
	copy.write(type, TYPE, 'latin1');
	copy.fill(0, SIZE, SIZE + 12);
	copy[SIZE] = 0x80;
	copy.writeUIntBE(Math.floor(size / 2 ** 32), SIZE + 4, 4);
	copy.writeUInt32BE(size % 2 ** 32, SIZE + 8);
	copy.write(`${sumOf(copy).toString(8).padStart(6, '0')}\0 `, CHECKSUM, 'latin1');
	return copy;
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
