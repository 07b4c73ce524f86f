import { badConfig, pointerPart, shortly } from './bad-config.ts';

/**
 * Reads a parsed JSON value as a T, or throws TSRUN_BAD_CONFIG naming the pointer. Objects are built anew from the fields that are
 * known, so nothing else of the document goes on; null is absent, as Go writes what is empty.
 */
export type Shape<T> = (value: unknown, pointer: string) => T;

export interface Field<T, O extends boolean> {
	readonly shape: Shape<T>;
	readonly optional: O;
	/** An empty string counts as absent. */
	readonly mayBeEmpty?: boolean;
	/** What it is where it is absent. */
	readonly value?: T;
}
export type Fields = Readonly<Record<string, Field<unknown, boolean>>>;
type KeysWhere<F extends Fields, O extends boolean> = {
	[K in keyof F]: F[K]['optional'] extends O ? K : never;
}[keyof F];
type ValueOf<F> = F extends Field<infer T, boolean> ? T : never;
type Read<F extends Fields> = { readonly [K in KeysWhere<F, false>]: ValueOf<F[K]> } & {
	readonly [K in KeysWhere<F, true>]?: ValueOf<F[K]>;
};

export const required = <T>(shape: Shape<T>): Field<T, false> => ({ shape, optional: false });
/** Absent is the zero of the Go type, which peers read there. */
export const zero = <T>(shape: Shape<T>, value: T): Field<T, false> => ({ shape, optional: false, value });
export const optional = <T>(shape: Shape<T>): Field<T, true> => ({ shape, optional: true });

/** A string without NUL: each may end in a system call. */
export const text: Shape<string> = (value, pointer) => {
	if (typeof value !== 'string') throw badConfig(pointer, `expected a string, got ${shortly(value)}`);
	if (value.includes('\0')) throw badConfig(pointer, 'a string with a NUL byte');
	return value;
};

export const flag: Shape<boolean> = (value, pointer) => {
	if (typeof value !== 'boolean') throw badConfig(pointer, `expected true or false, got ${shortly(value)}`);
	return value;
};

/** A string that tools written in Go leave empty where they mean none. */
export const word: Field<string, true> = { shape: text, optional: true, mayBeEmpty: true };

export function integer(min: number, max: number): Shape<number> {
	return (value, pointer) => {
		if (typeof value !== 'number') throw badConfig(pointer, `expected a number, got ${shortly(value)}`);
		if (!Number.isInteger(value)) throw badConfig(pointer, `expected a whole number, got ${value}`);
		if (value < min || value > max) throw badConfig(pointer, `expected ${min} to ${max}, got ${value}`);
		return value;
	};
}

export function oneOf<const W extends string>(words: readonly W[]): Shape<W> {
	return (value, pointer) => {
		const word = words.find(each => each === value);
		if (word === undefined) throw badConfig(pointer, `expected one of ${words.join(', ')}, got ${shortly(value)}`);
		return word;
	};
}

export function list<T>(shape: Shape<T>, limit = 65_536): Shape<readonly T[]> {
	return (value, pointer) => {
		if (!Array.isArray(value)) throw badConfig(pointer, `expected an array, got ${shortly(value)}`);
		if (value.length > limit) throw badConfig(pointer, `expected at most ${limit} elements, got ${value.length}`);
		return value.map((each, index) => shape(each, `${pointer}/${index}`));
	};
}

/** An object with keys of the author's choice. */
export function mapOf<T>(shape: Shape<T>): Shape<Readonly<Record<string, T>>> {
	return (value, pointer) => {
		const entries = Object.entries(record(value, pointer));
		for (const [key] of entries) if (key.includes('\0')) throw badConfig(pointer, 'a key with a NUL byte');
		// fromEntries defines properties, so that a key "__proto__" is one like any other
		return Object.fromEntries(entries.map(([key, each]) => [key, shape(each, pointer + pointerPart(key))]));
	};
}

export function object<const F extends Fields>(fields: F): Shape<Read<F>> {
	const names = Object.keys(fields);
	return (value, pointer) => {
		const source = record(value, pointer);
		const others = Object.keys(source).filter(key => !Object.hasOwn(fields, key));
		const read: Record<string, unknown> = {};
		for (const name of names) {
			const { shape, optional: mayMiss, mayBeEmpty, value: zeroValue } = fields[name] as F[string];
			const key = Object.hasOwn(source, name) ? name : nearly(name, others);
			const found = key === undefined ? undefined : source[key];
			if (found === undefined || found === null || (found === '' && mayBeEmpty === true)) {
				if (zeroValue !== undefined) read[name] = zeroValue;
				else if (!mayMiss) throw badConfig(pointer + pointerPart(name), 'is required and missing');
			} else {
				read[name] = shape(found, pointer + pointerPart(name));
			}
		}
		return read as Read<F>;
	};
}

/** A key that differs only in case, which Go reads as the same: else a limit that runc sets would be left out. */
function nearly(name: string, keys: readonly string[]): string | undefined {
	return keys.length === 0 ? undefined : keys.find(key => key.toLowerCase() === name.toLowerCase());
}

function record(value: unknown, pointer: string): Readonly<Record<string, unknown>> {
	if (typeof value !== 'object' || value === null || Array.isArray(value)) {
		throw badConfig(pointer, `expected an object, got ${shortly(value)}`);
	}
	return value as Readonly<Record<string, unknown>>;
}
