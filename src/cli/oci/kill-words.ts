/** What the words after `kill` are. */
export interface KillWords {
	readonly containers: readonly string[];
	/** As it was written; absent: none was. */
	readonly signal?: string;
}

/** runc's `kill ID SIGNAL` is meant where the second of two words names no container; else all are containers, as docker has it. */
export function killWords(
	words: readonly string[],
	flag: string | undefined,
	isContainer: (word: string) => boolean,
): KillWords {
	const [id = '', signal = ''] = words;
	if (flag === undefined && words.length === 2 && !isContainer(signal)) return { containers: [id], signal };
	return { containers: words, ...(flag === undefined ? {} : { signal: flag }) };
}
