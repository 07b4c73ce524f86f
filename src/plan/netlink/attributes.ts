/** An attribute of a netlink message (netlink(7), struct nlattr): its number and its value; a list of attributes nests. */
export interface Attribute {
	readonly type: number;
	readonly value: Uint8Array | readonly Attribute[];
}

const HEADER_BYTES = 4;
const ALIGNMENT = 4;

/** Attributes as the kernel reads them: each begins at a multiple of four bytes, and its length leaves the padding out. */
export function encodeAttributes(attributes: readonly Attribute[]): Uint8Array {
	return concatenate(attributes.map(encodeAttribute));
}

/** A name as attributes carry it: UTF-8 and a NUL. */
export function text(value: string): Uint8Array {
	return new TextEncoder().encode(`${value}\0`);
}

/** An unsigned 32-bit number, in the order of the host; Linux on x64 and arm64 is little endian. */
export function u32(value: number): Uint8Array {
	const bytes = new Uint8Array(4);
	new DataView(bytes.buffer).setUint32(0, value, true);
	return bytes;
}

/** The parts one after the other, each padded with zeros to a multiple of four. */
export function concatenate(parts: readonly Uint8Array[]): Uint8Array {
	const bytes = new Uint8Array(parts.reduce((length, part) => length + aligned(part.length), 0));
	let at = 0;
	for (const part of parts) {
		bytes.set(part, at);
		at += aligned(part.length);
	}
	return bytes;
}

function encodeAttribute({ type, value }: Attribute): Uint8Array {
	const content = value instanceof Uint8Array ? value : encodeAttributes(value);
	const bytes = new Uint8Array(HEADER_BYTES + content.length);
	const view = new DataView(bytes.buffer);
	view.setUint16(0, bytes.length, true);
	view.setUint16(2, type, true);
	bytes.set(content, HEADER_BYTES);
	return bytes;
}

function aligned(length: number): number {
	return Math.ceil(length / ALIGNMENT) * ALIGNMENT;
}
