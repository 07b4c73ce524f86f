import { isUtf8 } from 'node:buffer';
import { TsrunError } from '../core/errors.ts';

/** Largest JSON document of an image that is read, in bytes (CVE-2023-25153). Registries have the same limit. */
export const MAX_DOCUMENT_BYTES = 4 * 1024 * 1024;
const MAX_DEPTH = 32;

/** A value in a JSON document and where it stands, so that an error can name it. */
export interface JsonField {
	readonly value: unknown;
	/** JSON pointer (RFC 6901). */
	readonly pointer: string;
	/** What the document is, for messages: `manifest sha256:…`. */
	readonly document: string;
}

/**
 * Reads one JSON document of an image.
 * @throws TsrunError TSRUN_BAD_IMAGE when it is too large, not UTF-8, not JSON, or nested too deeply
 */
export function parseDocument(bytes: Uint8Array, document: string): JsonField {
	if (bytes.byteLength > MAX_DOCUMENT_BYTES) {
		throw badImage(document, `is ${bytes.byteLength} bytes long, the limit is ${MAX_DOCUMENT_BYTES}`);
	}
	let value: unknown;
	try {
		if (!isUtf8(bytes)) throw new TypeError('it is not UTF-8');
		value = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'));
	} catch (cause) {
		throw badImage(document, `is not JSON: ${(cause as Error).message}`, cause);
	}
	if (deeperThan(value, MAX_DEPTH)) throw badImage(document, `is nested more than ${MAX_DEPTH} levels deep`);
	return { value, pointer: '', document };
}

export function badField(field: JsonField, expected: string): TsrunError {
	return badImage(field.document, `is not valid: ${field.pointer || 'the document'} must be ${expected}`);
}

/** A property of an object; undefined when it is absent or null, as Go's encoder writes what is empty. */
export function property(object: JsonField, name: string): JsonField | undefined {
	const record = asObject(object);
	const value = Object.hasOwn(record, name) ? record[name] : undefined;
	return value === undefined || value === null ? undefined : at(object, name, value);
}

export function required(object: JsonField, name: string): JsonField {
	return property(object, name) ?? at(object, name, undefined);
}

export function asObject(field: JsonField): Readonly<Record<string, unknown>> {
	if (typeof field.value !== 'object' || field.value === null || Array.isArray(field.value)) {
		throw badField(field, 'an object');
	}
	return field.value as Readonly<Record<string, unknown>>;
}

export function asArray(field: JsonField, limit = 10_000): readonly JsonField[] {
	if (!Array.isArray(field.value)) throw badField(field, 'an array');
	if (field.value.length > limit) throw badField(field, `an array of at most ${limit} elements`);
	return field.value.map((value, index) => at(field, String(index), value));
}

/** A string without NUL: every string of an image may end in a system call. */
export function asString(field: JsonField): string {
	if (typeof field.value !== 'string') throw badField(field, 'a string');
	if (field.value.includes('\0')) throw badField(field, 'a string without NUL');
	return field.value;
}

/** A whole number from 0 to 2^53 - 1. */
export function asCount(field: JsonField): number {
	if (typeof field.value !== 'number' || !Number.isSafeInteger(field.value) || field.value < 0) {
		throw badField(field, 'a whole number, zero or more');
	}
	return field.value;
}

export function stringAt(object: JsonField, name: string): string {
	const field = property(object, name);
	return field === undefined ? '' : asString(field);
}

export function stringsAt(object: JsonField, name: string): readonly string[] {
	const field = property(object, name);
	return field === undefined ? [] : asArray(field).map(asString);
}

export function stringMapAt(object: JsonField, name: string): Readonly<Record<string, string>> | undefined {
	const field = property(object, name);
	if (field === undefined) return undefined;
	return Object.fromEntries(
		Object.entries(asObject(field)).map(([key, value]) => [key, asString(at(field, key, value))]),
	);
}

function at(parent: JsonField, name: string, value: unknown): JsonField {
	const token = name.slice(0, 80).replaceAll('~', '~0').replaceAll('/', '~1');
	return { value, pointer: `${parent.pointer}/${token}`, document: parent.document };
}

function badImage(document: string, fault: string, cause?: unknown): TsrunError {
	return new TsrunError('TSRUN_BAD_IMAGE', `${document} ${fault}`, cause === undefined ? {} : { cause });
}

function deeperThan(root: unknown, limit: number): boolean {
	let level = [root];
	for (let depth = 0; depth <= limit; depth++) {
		level = level.flatMap(value => (typeof value === 'object' && value !== null ? Object.values(value) : []));
		if (level.length === 0) return false;
	}
	return true;
}
