import type { DbusValue, Variant } from './dbus-value.ts';
import { alignmentOf, completeTypes } from './signature.ts';

type Values = readonly DbusValue[];

/**
 * The wire form of values, little endian (D-Bus specification, "Marshalling"). Alignment counts from the first byte.
 * @throws Error where a value is not of its type: a bug of the caller
 */
export function marshal(signature: string, values: Values): Uint8Array {
	const writer = new Writer();
	const types = completeTypes(signature);
	if (types.length !== values.length) throw new Error(`${values.length} values for the signature ${signature}`);
	types.forEach((type, index) => {
		write(writer, type, values[index] as DbusValue);
	});
	return writer.bytes();
}

/** The types without parts, by their letters. */
const BASIC: Readonly<Record<string, (writer: Writer, value: DbusValue) => void>> = {
	b: (writer, value) => writer.number(4, Number(is('boolean', value)), 'setUint32'),
	y: (writer, value) => writer.number(1, within(value, 0, 0xff), 'setUint8'),
	n: (writer, value) => writer.number(2, within(value, -0x8000, 0x7fff), 'setInt16'),
	q: (writer, value) => writer.number(2, within(value, 0, 0xffff), 'setUint16'),
	i: (writer, value) => writer.number(4, within(value, -0x8000_0000, 0x7fff_ffff), 'setInt32'),
	u: (writer, value) => writer.number(4, within(value, 0, 0xffff_ffff), 'setUint32'),
	d: (writer, value) => writer.number(8, is('number', value), 'setFloat64'),
	x: (writer, value) => writer.word(within64(value, 'x')),
	t: (writer, value) => writer.word(within64(value, 't')),
	s: (writer, value) => writer.text(is('string', value), 4),
	o: (writer, value) => writer.text(is('string', value), 4),
	g: (writer, value) => writer.text(is('string', value), 1),
	v: (writer, value) => writeVariant(writer, value as Variant),
};

function write(writer: Writer, type: string, value: DbusValue): void {
	const basic = BASIC[type];
	writer.align(alignmentOf(type));
	if (basic !== undefined) basic(writer, value);
	else if (type.startsWith('a')) writeArray(writer, type.slice(1), value);
	else writeFields(writer, type, value);
}

function writeFields(writer: Writer, type: string, value: DbusValue): void {
	const fields = completeTypes(type.slice(1, -1));
	if (!Array.isArray(value) || value.length !== fields.length) throw mismatch(type, value);
	fields.forEach((field, index) => {
		write(writer, field, (value as Values)[index] as DbusValue);
	});
}

function writeVariant(writer: Writer, { signature, value }: Variant): void {
	if (completeTypes(signature).length !== 1) throw mismatch('v', signature);
	writer.text(signature, 1);
	write(writer, signature, value);
}

/** The length counts from the first element, which may come after padding. */
function writeArray(writer: Writer, element: string, value: DbusValue): void {
	const lengthAt = writer.length;
	writer.number(4, 0, 'setUint32');
	writer.align(alignmentOf(element));
	const start = writer.length;
	if (element === 'y' && value instanceof Uint8Array) writer.raw(value);
	else if (Array.isArray(value)) for (const each of value as Values) write(writer, element, each);
	else throw mismatch(`a${element}`, value);
	writer.patch(lengthAt, writer.length - start);
}

interface Kinds {
	readonly boolean: boolean;
	readonly number: number;
	readonly string: string;
}

function is<K extends keyof Kinds>(kind: K, value: DbusValue): Kinds[K] {
	if (typeof value !== kind) throw mismatch(kind, value);
	return value as Kinds[K];
}

function within(value: DbusValue, low: number, high: number): number {
	const number = is('number', value);
	if (!Number.isInteger(number) || number < low || number > high) throw mismatch(`${low} to ${high}`, value);
	return number;
}

function within64(value: DbusValue, type: 'x' | 't'): bigint {
	const fits =
		typeof value === 'bigint' && (type === 'x' ? BigInt.asIntN(64, value) : BigInt.asUintN(64, value)) === value;
	if (!fits) throw mismatch(type, value);
	return BigInt.asUintN(64, value);
}

const mismatch = (type: string, value: unknown): Error =>
	new Error(`${String(value).slice(0, 80)} is no D-Bus value of the type ${type}`);

type Setter = 'setUint8' | 'setInt16' | 'setUint16' | 'setInt32' | 'setUint32' | 'setFloat64';

class Writer {
	#buffer = new Uint8Array(512);
	#view = new DataView(this.#buffer.buffer);
	#length = 0;

	get length(): number {
		return this.#length;
	}

	bytes(): Uint8Array {
		return this.#buffer.slice(0, this.#length);
	}

	align(alignment: number): void {
		this.#take(-this.#length & (alignment - 1));
	}

	number(size: number, value: number, setter: Setter): void {
		const at = this.#take(size);
		if (setter === 'setUint8') this.#view.setUint8(at, value);
		else this.#view[setter](at, value, true);
	}

	word(value: bigint): void {
		const at = this.#take(8);
		this.#view.setBigUint64(at, value, true);
	}

	/** Its length in one byte (a signature) or in four, the text, NUL. */
	text(text: string, lengthSize: 1 | 4): void {
		if (text.includes('\0')) throw mismatch('s', JSON.stringify(text));
		const bytes = new TextEncoder().encode(text);
		this.number(lengthSize, bytes.length, lengthSize === 1 ? 'setUint8' : 'setUint32');
		this.raw(bytes);
		this.number(1, 0, 'setUint8');
	}

	raw(bytes: Uint8Array): void {
		const at = this.#take(bytes.length);
		this.#buffer.set(bytes, at);
	}

	patch(at: number, value: number): void {
		this.#view.setUint32(at, value, true);
	}

	#take(size: number): number {
		const at = this.#length;
		this.#length += size;
		if (this.#length > this.#buffer.length) {
			const grown = new Uint8Array(Math.max(2 * this.#buffer.length, this.#length));
			grown.set(this.#buffer);
			this.#buffer = grown;
			this.#view = new DataView(grown.buffer);
		}
		return at;
	}
}
