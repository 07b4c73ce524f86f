import { inspect } from 'node:util';

/** A wrong argument is a bug of the caller: TypeError, which names the call, the argument and what came instead. */
export function refuse(call: string, name: string, expected: string, value: unknown): never {
	const got = inspect(value, {
		depth: 0,
		maxArrayLength: 3,
		maxStringLength: 80,
		breakLength: Number.POSITIVE_INFINITY,
	});
	throw new TypeError(`${call}: ${name} must be ${expected}, got ${got}`);
}

/** Flags, descriptors, modes, numbers: an integer from 0 to 2^53-1. */
export function checkNumber(call: string, name: string, value: unknown): void {
	if (!Number.isSafeInteger(value) || (value as number) < 0) refuse(call, name, 'an integer from 0 up', value);
}

/** A process id: an integer from 1 up, for 0 and below mean whole groups. */
export function checkPid(call: string, value: unknown): void {
	if (!Number.isSafeInteger(value) || (value as number) < 1) refuse(call, 'pid', 'an integer from 1 up', value);
}

/** Paths and names: bytes without NUL, which would end them early in C. */
export function checkText(call: string, name: string, value: unknown): void {
	const isText = typeof value === 'string' || value instanceof Uint8Array;
	if (!isText) refuse(call, name, 'a string or bytes', value);
	if ((value as string & Uint8Array).includes(typeof value === 'string' ? ('\0' as never) : (0 as never))) {
		refuse(call, name, 'without NUL', value);
	}
}

export function checkOptionalText(call: string, name: string, value: unknown): void {
	if (value !== undefined) checkText(call, name, value);
}

export function checkBytes(call: string, name: string, value: unknown): void {
	if (!(value instanceof Uint8Array)) refuse(call, name, 'a Uint8Array', value);
}

/** argv: at least one string, the name that the program sees as its own. */
export function checkArgv(call: string, value: unknown): void {
	if (!Array.isArray(value) || value.length === 0)
		refuse(call, 'argv', 'an array that begins with the program name', value);
	for (const [index, item] of (value as unknown[]).entries()) checkText(call, `argv[${index}]`, item);
}

/** `KEY=value` strings from an object, as execve(2) takes them; what is undefined is left out. */
export function environment(call: string, env: unknown): readonly string[] {
	if (typeof env !== 'object' || env === null) refuse(call, 'env', 'an object', env);
	const set = Object.entries(env as object).filter(([, value]) => value !== undefined);
	for (const [key, value] of set) {
		checkText(call, `env.${key}`, value);
		if (key === '' || key.includes('=') || key.includes('\0')) refuse(call, 'env', 'an object of names without =', env);
	}
	return set.map(([key, value]) => `${key}=${value}`);
}
