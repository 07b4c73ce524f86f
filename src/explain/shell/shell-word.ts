import { TsrunError } from '../../core/errors.ts';
import { printable } from '../printable.ts';

const PLAIN = /^[\w@%+:,./-][\w@%+=:,./-]*$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what single quotes would carry into a terminal
const CONTROL = /[\x00-\x1f\x7f-\x9f\p{Cf}\p{Zl}\p{Zp}]/u;
const ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\t': '\\t', '\r': '\\r', '\\': '\\\\', "'": "\\'" };

/**
 * One word of bash that stands for exactly this text, whoever wrote it.
 * @throws TsrunError TSRUN_UNSUPPORTED for a NUL, which no argument can hold
 */
export function shellWord(text: string): string {
	if (PLAIN.test(text)) return text;
	if (text.includes('\0')) {
		throw new TsrunError(
			'TSRUN_UNSUPPORTED',
			`a shell script cannot hold ${printable(JSON.stringify(text))}: it has a NUL`,
		);
	}
	if (!CONTROL.test(text)) return `'${text.replaceAll("'", "'\\''")}'`;
	return `$'${[...text].map(escaped).join('')}'`;
}

export const shellWords = (words: readonly string[]): string => words.map(shellWord).join(' ');

/** The text as one comment: no character of it ends the line. */
export const shellComment = (text: string): string => `# ${printable(text)}`;

/** In octal and byte by byte, so that neither the locale of the shell nor a digit that follows matters. */
function escaped(character: string): string {
	const short = ESCAPES[character];
	if (short !== undefined) return short;
	if (!CONTROL.test(character)) return character;
	return [...new TextEncoder().encode(character)].map(byte => `\\${byte.toString(8).padStart(3, '0')}`).join('');
}
