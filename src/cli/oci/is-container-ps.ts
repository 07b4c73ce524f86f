/** Whether the words after `ps` name a container, whose processes are meant and not the list of containers. */
export function isContainerPs(words: readonly string[]): boolean {
	for (let index = 0; index < words.length; index++) {
		const word = words[index] ?? '';
		if (!word.startsWith('-')) return true;
		if (word === '-f' || word === '--format') index++;
	}
	return false;
}
