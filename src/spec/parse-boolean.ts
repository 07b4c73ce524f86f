import { badFlag } from './bad-flag.ts';

const WORDS: Readonly<Record<string, boolean>> = {
	'1': true,
	t: true,
	true: true,
	yes: true,
	'0': false,
	f: false,
	false: false,
	no: false,
};

/** Reads `true`, `1`, `false`, `0` and the like, in any case. @throws TsrunError TSRUN_BAD_FLAG naming `whole` */
export function parseBoolean(flag: string, word: string, whole: string): boolean {
	const value = Object.hasOwn(WORDS, word.toLowerCase()) ? WORDS[word.toLowerCase()] : undefined;
	if (value === undefined) throw badFlag(flag, whole, { problem: `has ${JSON.stringify(word)} for true or false` });
	return value;
}
