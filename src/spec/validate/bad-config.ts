import { TsrunError } from '../../core/errors.ts';

/** TSRUN_BAD_CONFIG: the place in config.json, as a JSON pointer (RFC 6901), and what is wrong there. */
export function badConfig(pointer: string, problem: string, hint?: string): TsrunError {
	return new TsrunError(
		'TSRUN_BAD_CONFIG',
		`config.json ${pointer || '/'}: ${problem}`,
		hint === undefined ? {} : { hint },
	);
}

/** One name as a part of a JSON pointer. */
export function pointerPart(name: string): string {
	return `/${name.slice(0, 120).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/** A value in few characters, for a message. */
export function shortly(value: unknown): string {
	if (Array.isArray(value)) return 'an array';
	if (typeof value === 'object' && value !== null) return 'an object';
	const text = typeof value === 'bigint' ? String(value) : (JSON.stringify(value) ?? 'nothing');
	return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

/** @throws TsrunError TSRUN_BAD_CONFIG unless the word is one of the table */
export function requireWord(
	word: string,
	table: Readonly<Record<string, unknown>>,
	{ pointer, what }: { readonly pointer: string; readonly what: string },
): void {
	if (Object.hasOwn(table, word)) return;
	throw badConfig(pointer, `${shortly(word)} is an invalid ${what}`, `known: ${Object.keys(table).join(', ')}`);
}
