import { type ArgKind, MAX_ARGS, OPS, PLAN_VERSION } from '../plan/op-table.ts';
import { type Plan, STEP_LISTS, type Step } from '../plan/step.ts';

const HEADER_SIZE = 64;
const STEP_SIZE = 64;
const ARGS_OFFSET = 16;
const MAX_TOLERATED = 4;
/** `TSRP`. */
const MAGIC = 0x5052_5354;
/** Bytes that one unit of a string comes to, at most. */
const MAX_UTF8 = 3;

type OpName = keyof typeof OPS;

const OP_CODES = new Map(Object.keys(OPS).map((name, index) => [name, index + 1]));

/** The arguments of the operations that plans have come to use. */
const ARGS = new Map<OpName, readonly (readonly [name: string, kind: ArgKind])[]>();

function argsOf(op: OpName): readonly (readonly [name: string, kind: ArgKind])[] {
	const known = ARGS.get(op);
	if (known !== undefined) return known;
	const args = Object.entries<ArgKind>(OPS[op].args);
	if (args.length > MAX_ARGS) throw new Error(`${op} has too many arguments`);
	ARGS.set(op, args);
	return args;
}

export interface EncodeOptions {
	/** argv of the program that words a failure; the machine becomes it. */
	readonly reporter?: readonly string[];
	/** argv of the program that the machine becomes after the end, when the teardown is done. */
	readonly successor?: readonly string[];
	/** Opaque to the machine: the plan as JSON, for whoever explains it later. */
	readonly notes?: string;
}

/**
 * The plan in the wire form of native/plan.h: header, one 64-byte record a step, data. Little endian. Strings stand once each.
 * A string with a NUL in it would end early in C, so it is refused.
 */
export function encodePlan(plan: Plan, { reporter = [], successor = [], notes = '' }: EncodeOptions = {}): Uint8Array {
	const steps = STEP_LISTS.flatMap(list => plan[list]);
	const dataOffset = HEADER_SIZE + steps.length * STEP_SIZE;
	const data = new DataWriter();
	const head = new DataView(new ArrayBuffer(dataOffset));
	steps.forEach((step, index) => {
		writeStep(head, HEADER_SIZE + index * STEP_SIZE, { step, data });
	});
	const [reporterOffset, successorOffset] = [reporter, successor].map(words =>
		words.length === 0 ? 0 : data.strs(words),
	);
	const body = data.bytesSoFar();
	const tail = Buffer.from(notes, 'utf8');
	const counts = STEP_LISTS.map(list => plan[list].length);
	[
		MAGIC,
		PLAN_VERSION,
		dataOffset + body.length + tail.length,
		...counts,
		dataOffset,
		body.length,
		reporterOffset ?? 0,
		dataOffset + body.length,
		tail.length,
		successorOffset ?? 0,
	].forEach((word, index) => {
		head.setUint32(4 * index, word, true);
	});
	return joined(new Uint8Array(head.buffer), body, tail);
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
	const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
	let offset = 0;
	for (const part of parts) {
		bytes.set(part, offset);
		offset += part.length;
	}
	return bytes;
}

/** The notes that {@link encodePlan} put behind the data. */
export function decodeNotes(encoded: Uint8Array): string {
	const buffer = Buffer.from(encoded.buffer, encoded.byteOffset, encoded.byteLength);
	const offset = buffer.readUInt32LE(36);
	return buffer.toString('utf8', offset, offset + buffer.readUInt32LE(40));
}

function writeStep(
	records: DataView,
	start: number,
	{ step, data }: { readonly step: Step; readonly data: DataWriter },
): void {
	const code = OP_CODES.get(step.op);
	const tolerate = step.tolerate ?? [];
	if (code === undefined || tolerate.length > MAX_TOLERATED || tolerate.some(errno => errno > 0xff))
		throw new Error(`step ${step.op} cannot be encoded`);
	records.setUint16(start, code, true);
	for (let index = 0; index < tolerate.length; index++) records.setUint8(start + 4 + index, tolerate[index] as number);
	records.setUint32(start + 8, step.after === undefined ? 0 : step.after + 1, true);
	const values = step as unknown as Readonly<Record<string, unknown>>;
	let offset = start + ARGS_OFFSET;
	for (const [name, kind] of argsOf(step.op)) {
		writeArg(records, offset, { kind, value: values[name], data });
		offset += 8;
	}
}

interface Argument {
	readonly kind: ArgKind;
	readonly value: unknown;
	readonly data: DataWriter;
}

/** Each argument has 64 bits. Buffer's methods would do byte by byte in JavaScript what those of DataView do at once. */
function writeArg(records: DataView, offset: number, { kind, value, data }: Argument): void {
	switch (kind) {
		case 'int':
			if (typeof value === 'number' && Number.isSafeInteger(value)) {
				records.setUint32(offset, value >>> 0, true);
				records.setUint32(offset + 4, Math.floor(value / 2 ** 32) >>> 0, true);
			} else {
				records.setBigUint64(offset, BigInt.asUintN(64, BigInt(value as number | bigint)), true);
			}
			return;
		case 'str':
			records.setUint32(offset, data.str(value as string), true);
			return;
		case 'bytes': {
			const bytes = typeof value === 'string' ? Buffer.from(value, 'utf8') : (value as Uint8Array);
			records.setUint32(offset, bytes.length, true);
			records.setUint32(offset + 4, data.bytes(bytes), true);
			return;
		}
		case 'strs':
			records.setUint32(offset, data.strs(value as readonly string[]), true);
			return;
	}
}

/** The data section. Offset 0 is the empty string. */
class DataWriter {
	#buffer = Buffer.alloc(16384);
	#length = 4;
	readonly #known = new Map<string, number>([['', 0]]);

	bytesSoFar(): Buffer {
		return this.#buffer.subarray(0, this.#length);
	}

	str(text: string): number {
		const known = this.#known.get(text);
		if (known !== undefined) return known;
		if (text.includes('\0')) throw new Error(`a string of the plan has a NUL in it: ${JSON.stringify(text)}`);
		const offset = this.#reserve(MAX_UTF8 * text.length + 1, 1);
		this.#length = offset + this.#buffer.write(text, offset) + 1;
		this.#buffer[this.#length - 1] = 0;
		this.#known.set(text, offset);
		return offset;
	}

	bytes(bytes: Uint8Array): number {
		const offset = this.#reserve(bytes.length, 8);
		this.#buffer.set(bytes, offset);
		return offset;
	}

	strs(items: readonly string[]): number {
		const offsets = items.map(item => this.str(item));
		const offset = this.#reserve(4 + 4 * offsets.length, 4);
		const words = new Uint32Array([offsets.length, ...offsets]);
		this.#buffer.set(new Uint8Array(words.buffer), offset);
		return offset;
	}

	#reserve(size: number, alignment: number): number {
		const offset = Math.ceil(this.#length / alignment) * alignment;
		if (offset + size > this.#buffer.length) {
			const grown = Buffer.alloc(Math.max(2 * this.#buffer.length, offset + size));
			this.#buffer.copy(grown, 0, 0, this.#length);
			this.#buffer = grown;
		}
		this.#length = offset + size;
		return offset;
	}
}
