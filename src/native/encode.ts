import { type ArgKind, MAX_ARGS, OPS, PLAN_VERSION } from '../plan/op-table.ts';
import { type Plan, STEP_LISTS, type Step } from '../plan/step.ts';

const HEADER_SIZE = 64;
const STEP_SIZE = 64;
const ARGS_OFFSET = 16;
const MAX_TOLERATED = 4;

const OP_CODES = new Map(Object.keys(OPS).map((name, index) => [name, index + 1]));

export interface EncodeOptions {
	/** argv of the program that words a failure; the machine becomes it. */
	readonly reporter?: readonly string[];
	/** Opaque to the machine: the plan as JSON, for whoever explains it later. */
	readonly notes?: string;
}

/**
 * The plan in the wire form of native/plan.h: header, one 64-byte record a step, data. Little endian. Strings stand once each.
 * A string with a NUL in it would end early in C, so it is refused.
 */
export function encodePlan(plan: Plan, { reporter = [], notes = '' }: EncodeOptions = {}): Uint8Array {
	const steps = STEP_LISTS.flatMap(list => plan[list]);
	const dataOffset = HEADER_SIZE + steps.length * STEP_SIZE;
	const data = new DataWriter();
	const head = Buffer.alloc(dataOffset);
	steps.forEach((step, index) => {
		writeStep(head.subarray(HEADER_SIZE + index * STEP_SIZE, HEADER_SIZE + (index + 1) * STEP_SIZE), step, data);
	});
	const reporterOffset = reporter.length === 0 ? 0 : data.strs(reporter);
	const body = data.bytesSoFar();
	const tail = Buffer.from(notes, 'utf8');
	head.write('TSRP', 0, 'latin1');
	head.writeUInt32LE(PLAN_VERSION, 4);
	head.writeUInt32LE(dataOffset + body.length + tail.length, 8);
	for (const [index, list] of STEP_LISTS.entries()) head.writeUInt32LE(plan[list].length, 12 + 4 * index);
	head.writeUInt32LE(dataOffset, 24);
	head.writeUInt32LE(body.length, 28);
	head.writeUInt32LE(reporterOffset, 32);
	head.writeUInt32LE(dataOffset + body.length, 36);
	head.writeUInt32LE(tail.length, 40);
	return Buffer.concat([head, body, tail]);
}

/** The notes that {@link encodePlan} put behind the data. */
export function decodeNotes(encoded: Uint8Array): string {
	const buffer = Buffer.from(encoded.buffer, encoded.byteOffset, encoded.byteLength);
	const offset = buffer.readUInt32LE(36);
	return buffer.toString('utf8', offset, offset + buffer.readUInt32LE(40));
}

function writeStep(record: Buffer, step: Step, data: DataWriter): void {
	const code = OP_CODES.get(step.op);
	const tolerate = step.tolerate ?? [];
	if (code === undefined || tolerate.length > MAX_TOLERATED) throw new Error(`step ${step.op} cannot be encoded`);
	record.writeUInt16LE(code, 0);
	for (const [index, errno] of tolerate.entries()) record.writeUInt8(errno, 4 + index);
	record.writeUInt32LE(step.after === undefined ? 0 : step.after + 1, 8);
	const values = step as unknown as Readonly<Record<string, unknown>>;
	const args: readonly (readonly [string, ArgKind])[] = Object.entries(OPS[step.op].args);
	if (args.length > MAX_ARGS) throw new Error(`${step.op} has too many arguments`);
	args.forEach(([name, kind], index) => {
		record.writeBigUInt64LE(argWord(kind, values[name], data), ARGS_OFFSET + 8 * index);
	});
}

function argWord(kind: ArgKind, value: unknown, data: DataWriter): bigint {
	switch (kind) {
		case 'int':
			return BigInt.asUintN(64, BigInt(value as number | bigint));
		case 'str':
			return BigInt(data.str(value as string));
		case 'bytes': {
			const bytes = typeof value === 'string' ? Buffer.from(value, 'utf8') : (value as Uint8Array);
			return (BigInt(data.bytes(bytes)) << 32n) | BigInt(bytes.length);
		}
		case 'strs':
			return BigInt(data.strs(value as readonly string[]));
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
		const size = Buffer.byteLength(text, 'utf8');
		const offset = this.#reserve(size + 1, 1);
		this.#buffer.write(text, offset, 'utf8');
		this.#buffer[offset + size] = 0;
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
		this.#buffer.writeUInt32LE(offsets.length, offset);
		for (const [index, item] of offsets.entries()) this.#buffer.writeUInt32LE(item, offset + 4 + 4 * index);
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
