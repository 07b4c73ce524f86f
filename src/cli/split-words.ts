import { TsrunError } from '../core/errors.ts';

/** A blank, a backslash with what it escapes, a quoted part, or plain text. */
const PART = /\s+|\\(?<escaped>[\s\S])|'(?<single>[^']*)'|"(?<double>(?:[^"\\]|\\[\s\S])*)"|(?<plain>[^\s\\'"]+)/gy;

/**
 * The words of a command line with the quoting of the shell (POSIX 2.2), without its expansions.
 * @param name what the text was given as, for the error
 * @throws TsrunError TSRUN_USAGE for a quote or backslash that nothing ends
 */
export function splitWords(text: string, name: string): readonly string[] {
	const words: string[] = [];
	let word: string | undefined;
	let end = 0;
	for (const match of text.matchAll(PART)) {
		const { escaped, single, double, plain } = match.groups ?? {};
		end = match.index + match[0].length;
		const part = escaped ?? single ?? double?.replaceAll(/\\(["\\$`])/g, '$1') ?? plain;
		if (part !== undefined) word = (word ?? '') + part;
		else if (word !== undefined) {
			words.push(word);
			word = undefined;
		}
	}
	if (end < text.length) {
		throw new TsrunError(
			'TSRUN_USAGE',
			`${name} has a quote or a backslash that nothing ends: ${text.slice(end, end + 80)}`,
		);
	}
	return word === undefined ? words : [...words, word];
}
