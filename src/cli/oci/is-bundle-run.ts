/** Options of `run --bundle` that have a value. */
const VALUED = ['--pid-file', '--console-socket', '--pidfd-socket', '--preserve-fds'];

/**
 * Whether the words after `run` are for a bundle and not for an image.
 * @param others options that say so too
 */
export function isBundleRun(words: readonly string[], others?: RegExp): boolean {
	for (let index = 0; index < words.length; index++) {
		const word = words[index] ?? '';
		if (/^(-b|--bundle)(=|$)/.test(word) || /^-b./.test(word) || others?.test(word) === true) return true;
		if (!word.startsWith('-') || word === '--') return false;
		if (VALUED.includes(word)) index++;
	}
	return false;
}
