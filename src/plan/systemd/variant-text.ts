import type { DbusValue, Variant } from '../dbus/dbus-value.ts';

const TYPE_NAMES: Readonly<Record<string, string>> = {
	boolean: 'b',
	byte: 'y',
	int16: 'n',
	uint16: 'q',
	int32: 'i',
	uint32: 'u',
	int64: 'x',
	uint64: 't',
	double: 'd',
	string: 's',
	objectpath: 'o',
	signature: 'g',
};
const RANGES: Readonly<Record<string, readonly [low: bigint, high: bigint]>> = {
	y: [0n, 0xffn],
	n: [-0x8000n, 0x7fffn],
	q: [0n, 0xffffn],
	i: [-0x8000_0000n, 0x7fff_ffffn],
	u: [0n, 0xffff_ffffn],
	x: [-(2n ** 63n), 2n ** 63n - 1n],
	t: [0n, 2n ** 64n - 1n],
};

/**
 * A value in GVariant's text format (GLib, "GVariant Text Format"): `uint64 5`, `'text'`, `true`, `1.5`, `['a', 'b']`, `@as []`. A
 * number without a type is an int32. Of containers it knows arrays, which is what units have.
 * @throws Error with a clause that says what is wrong
 */
export function parseVariantText(input: string): Variant {
	const { type, rest } = annotation(input.trim());
	return type === undefined ? inferred(rest) : { signature: type, value: readValue(rest, type) };
}

/** `uint64 …` or `@t …`. */
function annotation(input: string): { readonly type?: string; readonly rest: string } {
	const [, name, signature, rest = ''] = /^(?:([a-z0-9]+)|@(a?[ybnqiuxtdsog]))\s+(.*)$/s.exec(input) ?? [];
	const type = signature ?? TYPE_NAMES[name ?? ''];
	if (name !== undefined && type === undefined) throw new Error(`unknown type ${JSON.stringify(name.slice(0, 40))}`);
	return type === undefined ? { rest: input } : { type, rest };
}

function inferred(input: string): Variant {
	if (input.startsWith('[')) {
		const items = elements(input);
		const [first] = items;
		if (first === undefined) throw new Error('an empty array needs a type, as in @as []');
		const { type, rest } = annotation(first);
		const element = type ?? inferred(rest).signature;
		if (element.length !== 1) throw new Error('arrays of arrays are not known');
		return {
			signature: `a${element}`,
			value: [readValue(rest, element), ...items.slice(1).map(item => readValue(item, element))],
		};
	}
	const type = /^["']/.test(input) ? 's' : /^(true|false)$/.test(input) ? 'b' : isFraction(input) ? 'd' : 'i';
	return { signature: type, value: readValue(input, type) };
}

const isFraction = (input: string): boolean => /^[+-]?\d*[.e]/i.test(input);

function readValue(input: string, type: string): DbusValue {
	if (type[0] === 'a') return elements(input).map(item => readValue(item, type.slice(1)));
	if ('sog'.includes(type)) return textOf(input);
	if (type === 'b') {
		if (input !== 'true' && input !== 'false') throw new Error(`${shown(input)} is neither true nor false`);
		return input === 'true';
	}
	if (type === 'd') {
		if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(input)) throw new Error(`${shown(input)} is no number`);
		return Number(input);
	}
	return integer(input, type);
}

function integer(input: string, type: string): number | bigint {
	const [, sign, digits] = /^([+-]?)(0x[0-9a-f]{1,16}|0[0-7]{0,22}|[1-9]\d{0,19})$/i.exec(input) ?? [];
	if (digits === undefined) throw new Error(`${shown(input)} is no whole number`);
	// GLib reads a leading 0 as octal.
	const number = BigInt(digits.replace(/^0(?=\d)/, '0o')) * (sign === '-' ? -1n : 1n);
	const [low, high] = RANGES[type] ?? [0n, 0n];
	if (number < low || number > high) throw new Error(`${shown(input)} is out of range: ${low} to ${high}`);
	return type === 'x' || type === 't' ? number : Number(number);
}

const ESCAPES: Readonly<Record<string, string>> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

function textOf(input: string): string {
	const [, body] = /^(?:'((?:[^'\\]|\\.)*)'|"(?:[^"\\]|\\.)*")$/s.exec(input) ?? [];
	if (body === undefined && !input.startsWith('"')) throw new Error(`${shown(input)} is no text in quotes`);
	if (body === undefined && !/^"(?:[^"\\]|\\.)*"$/s.test(input))
		throw new Error(`${shown(input)} is no text in quotes`);
	const text = input
		.slice(1, -1)
		.replace(/\\(u[0-9a-f]{4}|U[0-9a-f]{8}|.)/gis, (_, code: string) =>
			/^u./i.test(code) ? String.fromCodePoint(Number.parseInt(code.slice(1), 16)) : (ESCAPES[code] ?? code),
		);
	if (text.includes('\0')) throw new Error('a text has a NUL in it');
	return text;
}

/** `[a, 'b,c']` → `a`, `'b,c'`. */
function elements(input: string): readonly string[] {
	if (!input.startsWith('[') || !input.endsWith(']')) throw new Error(`${shown(input)} is no array`);
	const inner = input.slice(1, -1).trim();
	if (inner === '') return [];
	const items = inner.match(/(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^,'"[\]])+/gs) ?? [];
	if (items.join(',') !== inner) throw new Error(`${shown(input)} is no array of plain values`);
	return items.map(item => item.trim());
}

const shown = (input: string): string => JSON.stringify(input.slice(0, 80));
