/** The number of a field and the kind of its values; a message has fields of its own. */
export type ProtobufField = readonly [number: number, kind: 'int' | 'bool' | 'text' | ProtobufFields];
export interface ProtobufFields {
	readonly [name: string]: ProtobufField;
}

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;
/** More bits than these no number of CRIU's has that is read here. */
const LONGEST_VARINT = 10;

/** Encodes a message (protobuf.dev, "Encoding"): fields in the order of the table, one entry for each element of an array. */
export function encodeProtobuf(fields: ProtobufFields, message: Readonly<Record<string, unknown>>): Uint8Array {
	const bytes: number[] = [];
	for (const [name, [number, kind]] of Object.entries(fields)) {
		const value = message[name];
		const values: readonly unknown[] = value === undefined ? [] : Array.isArray(value) ? value : [value];
		for (const each of values) {
			if (kind === 'int' || kind === 'bool') {
				bytes.push(...varint(number * 8 + VARINT), ...varint(Number(each)));
				continue;
			}
			const content =
				kind === 'text'
					? new TextEncoder().encode(String(each))
					: encodeProtobuf(kind, each as Readonly<Record<string, unknown>>);
			bytes.push(...varint(number * 8 + BYTES), ...varint(content.length), ...content);
		}
	}
	return Uint8Array.from(bytes);
}

/** @param value not negative */
function varint(value: number): readonly number[] {
	const bytes: number[] = [];
	let rest = value;
	for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
	return [...bytes, rest];
}

/** A decoded message: fields that the table does not have are left out; the last value of a field counts. */
export interface ProtobufMessage {
	readonly [name: string]: number | string | boolean | ProtobufMessage;
}

/** @throws Error where the bytes end early, or a field has another wire type than its kind */
export function decodeProtobuf(fields: ProtobufFields, bytes: Uint8Array): ProtobufMessage {
	const byNumber = new Map(Object.entries(fields).map(([name, [number, kind]]) => [number, { name, kind }]));
	const message: Record<string, number | string | boolean | ProtobufMessage> = {};
	const reader = new Reader(bytes);
	while (!reader.isAtEnd()) {
		const tag = reader.varint();
		const wire = tag % 8;
		const value = reader.value(wire);
		const field = byNumber.get(Math.floor(tag / 8));
		if (field === undefined) continue;
		const { name, kind } = field;
		if ((kind === 'int' || kind === 'bool' ? VARINT : BYTES) !== wire)
			throw new Error(`protobuf: field ${name} has wire type ${wire}`);
		if (typeof value === 'number') message[name] = kind === 'bool' ? value !== 0 : value;
		else
			message[name] = kind === 'text' ? new TextDecoder().decode(value) : decodeProtobuf(kind as ProtobufFields, value);
	}
	return message;
}

class Reader {
	readonly #bytes: Uint8Array;
	#at = 0;

	constructor(bytes: Uint8Array) {
		this.#bytes = bytes;
	}

	isAtEnd(): boolean {
		return this.#at === this.#bytes.length;
	}

	/** Of a negative number, which is ten bytes long, only that it is not small. */
	varint(): number {
		let value = 0;
		for (let index = 0; index < LONGEST_VARINT; index++) {
			const [byte = 0] = this.#take(1);
			value += (byte & 0x7f) * 0x80 ** index;
			if (byte < 0x80) return value;
		}
		throw new Error('protobuf: a number has no end');
	}

	value(wire: number): number | Uint8Array {
		if (wire === VARINT) return this.varint();
		if (wire === BYTES) return this.#take(this.varint());
		if (wire === FIXED64 || wire === FIXED32) return this.#take(wire === FIXED64 ? 8 : 4);
		throw new Error(`protobuf: wire type ${wire}`);
	}

	#take(count: number): Uint8Array {
		if (count > this.#bytes.length - this.#at) throw new Error('protobuf: the message ends early');
		this.#at += count;
		return this.#bytes.subarray(this.#at - count, this.#at);
	}
}
