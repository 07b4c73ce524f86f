/** Options of `run --bundle` that have a value. */
const VALUED = ['--pid-file', '--console-socket', '--pidfd-socket', '--preserve-fds'];

/** Whether the words after `run` are for a bundle and not for an image. */
export function isBundleRun(words: readonly string[]): boolean {
	for (let index = 0; index < words.length; index++) {
		const word = words[index] ?? '';
		if (/^(-b|--bundle)(=|$)/.test(word) || /^-b./.test(word)) return true;
		if (!word.startsWith('-') || word === '--') return false;
		if (VALUED.includes(word)) index++;
	}
	return false;
}
