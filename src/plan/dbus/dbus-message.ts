import type { DbusValue, Variant } from './dbus-value.ts';
import { marshal } from './marshal.ts';
import { unmarshal } from './unmarshal.ts';

/** D-Bus specification, "Message Protocol". */
export const MESSAGE_TYPES = { call: 1, return: 2, error: 3, signal: 4 } as const;
export type MessageType = keyof typeof MESSAGE_TYPES;

const FIELDS = {
	path: [1, 'o'],
	interface: [2, 's'],
	member: [3, 's'],
	errorName: [4, 's'],
	replySerial: [5, 'u'],
	destination: [6, 's'],
	sender: [7, 's'],
	signature: [8, 'g'],
} as const;

export interface MessageFields {
	readonly path?: string;
	readonly interface?: string;
	readonly member?: string;
	readonly errorName?: string;
	readonly replySerial?: number;
	readonly destination?: string;
	readonly sender?: string;
	/** Of the body; absent: it is empty. */
	readonly signature?: string;
}

export interface DbusMessage extends MessageFields {
	readonly type: MessageType;
	readonly serial: number;
	readonly body: readonly DbusValue[];
}

const LITTLE_ENDIAN = 0x6c;
const PROTOCOL = 1;
/** Byte order, type, flags, version; length of the body; serial; then the length of the fields. */
const FIXED_SIZE = 16;
/** The specification allows 128 MiB; what systemd answers here is small. */
const MAX_SIZE = 1 << 24;

/** The header is `yyyyuua(yv)`, padded to 8 bytes; the body follows. */
export function encodeMessage({ type, serial, body, ...fields }: DbusMessage): Uint8Array {
	const encodedBody = marshal(fields.signature ?? '', body);
	const present = Object.entries(FIELDS).flatMap(([name, [code, signature]]): readonly DbusValue[] => {
		const value = fields[name as keyof MessageFields];
		return value === undefined ? [] : [[code, { signature, value } satisfies Variant]];
	});
	const start = [LITTLE_ENDIAN, MESSAGE_TYPES[type], 0, PROTOCOL, encodedBody.length, serial];
	const header = marshal('yyyyuua(yv)', [...start, present]);
	const bodyAt = padded(header.length);
	const bytes = new Uint8Array(bodyAt + encodedBody.length);
	bytes.set(header);
	bytes.set(encodedBody, bodyAt);
	return bytes;
}

/**
 * The message at the start of what has come in, and how long it is; undefined while it is not complete.
 * @throws Error where it is none, or from a machine of the other byte order
 */
export function decodeMessage(bytes: Uint8Array): { readonly message: DbusMessage; readonly size: number } | undefined {
	if (bytes.length < FIXED_SIZE) return undefined;
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	if (view.getUint8(0) !== LITTLE_ENDIAN || view.getUint8(3) !== PROTOCOL) throw new Error('not a D-Bus message');
	const bodyAt = padded(FIXED_SIZE + view.getUint32(12, true));
	const size = bodyAt + view.getUint32(4, true);
	if (size > MAX_SIZE) throw new Error(`a D-Bus message of ${size} bytes`);
	if (bytes.length < size) return undefined;
	const [, typeCode, , , , serial, list] = unmarshal('yyyyuua(yv)', bytes.subarray(0, bodyAt));
	const type = (Object.keys(MESSAGE_TYPES) as MessageType[]).find(name => MESSAGE_TYPES[name] === typeCode);
	if (type === undefined) throw new Error(`a D-Bus message of the type ${String(typeCode)}`);
	const fields = fieldsOf(list as readonly (readonly [number, Variant])[]);
	const body = unmarshal(fields.signature ?? '', bytes.subarray(bodyAt, size));
	return { message: { ...fields, type, serial: serial as number, body }, size };
}

/** Unknown ones are to be ignored. */
function fieldsOf(list: readonly (readonly [number, Variant])[]): MessageFields {
	const named = list.flatMap(([code, { signature, value }]) => {
		const field = Object.entries(FIELDS).find(([, known]) => known[0] === code && known[1] === signature);
		return field === undefined ? [] : [[field[0], value] as const];
	});
	return Object.fromEntries(named) as MessageFields;
}

const padded = (length: number): number => (length + 7) & ~7;
