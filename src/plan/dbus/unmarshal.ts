import type { DbusValue } from './dbus-value.ts';
import { alignmentOf, completeTypes } from './signature.ts';

/**
 * The values of a message, little endian. What does not fit its signature, or ends early, is refused.
 * @throws Error
 */
export function unmarshal(signature: string, bytes: Uint8Array): readonly DbusValue[] {
	const reader = new Reader(bytes);
	return completeTypes(signature).map(type => read(reader, type));
}

function read(reader: Reader, type: string): DbusValue {
	reader.align(alignmentOf(type));
	switch (type[0]) {
		case 'y':
			return reader.take(1).getUint8(0);
		case 'b':
			return reader.take(4).getUint32(0, true) !== 0;
		case 'n':
			return reader.take(2).getInt16(0, true);
		case 'q':
			return reader.take(2).getUint16(0, true);
		case 'i':
			return reader.take(4).getInt32(0, true);
		case 'u':
			return reader.take(4).getUint32(0, true);
		case 'x':
			return reader.take(8).getBigInt64(0, true);
		case 't':
			return reader.take(8).getBigUint64(0, true);
		case 'd':
			return reader.take(8).getFloat64(0, true);
		case 's':
		case 'o':
			return reader.text(reader.take(4).getUint32(0, true));
		case 'g':
			return reader.text(reader.take(1).getUint8(0));
		case 'v':
			return readVariant(reader);
		case 'a':
			return readArray(reader, type.slice(1));
		default:
			return completeTypes(type.slice(1, -1)).map(field => read(reader, field));
	}
}

function readVariant(reader: Reader): DbusValue {
	const signature = reader.text(reader.take(1).getUint8(0));
	if (completeTypes(signature).length !== 1) throw new Error('a D-Bus variant has one value');
	return { signature, value: read(reader, signature) };
}

function readArray(reader: Reader, element: string): DbusValue {
	const length = reader.take(4).getUint32(0, true);
	reader.align(alignmentOf(element));
	const end = reader.offset + length;
	if (element === 'y') return reader.bytes(length).slice();
	const values: DbusValue[] = [];
	while (reader.offset < end) values.push(read(reader, element));
	if (reader.offset !== end) throw new Error('a D-Bus array does not end where its length says');
	return values;
}

class Reader {
	readonly #bytes: Uint8Array;
	offset = 0;

	constructor(bytes: Uint8Array) {
		this.#bytes = bytes;
	}

	align(alignment: number): void {
		this.offset += -this.offset & (alignment - 1);
	}

	take(size: number): DataView {
		const bytes = this.bytes(size);
		return new DataView(bytes.buffer, bytes.byteOffset, size);
	}

	bytes(size: number): Uint8Array {
		if (size > this.#bytes.length - this.offset) throw new Error('a D-Bus message ends early');
		this.offset += size;
		return new Uint8Array(this.#bytes.buffer, this.#bytes.byteOffset + this.offset - size, size);
	}

	text(length: number): string {
		const text = new TextDecoder().decode(this.bytes(length));
		this.bytes(1);
		return text;
	}
}
