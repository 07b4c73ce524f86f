const WITH_VALUE = ['--format', '--filter', '--last'];

/** Whether the words after `ps` name a container, whose processes are meant and not the list of containers. */
export function isContainerPs(words: readonly string[]): boolean {
	for (let index = 0; index < words.length; index++) {
		const word = words[index] ?? '';
		if (!word.startsWith('-')) return true;
		if (WITH_VALUE.includes(word) || /^-[a-z]*[fn]$/.test(word)) index++;
	}
	return false;
}
