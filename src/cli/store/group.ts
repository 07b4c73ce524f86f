import type { Command } from 'commander';
import { acceptBooleanValues } from '../boolean-values.ts';
import type { CommandEntry } from '../commands.ts';

/** Makes a command of commands, of which only the one that is called is read. */
export async function declareGroup(
	command: Command,
	entries: readonly CommandEntry[],
	words: readonly string[] = [],
): Promise<void> {
	const called = words.find(word => !word.startsWith('-'));
	command.enablePositionalOptions().usage('[command]');
	for (const { name, description, load } of entries) {
		const each = command.command(name).description(description);
		if (name !== called) continue;
		const { declareCommand } = await load();
		await declareCommand(each, words.slice(words.indexOf(name) + 1));
		acceptBooleanValues(each);
		each.exitOverride();
	}
}
