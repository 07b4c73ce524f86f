import { type Command, Option } from 'commander';
import { commitContainer } from '../../runtime/commit-container.ts';
import { parseChange } from '../../spec/parse-change.ts';
import { collect } from '../format/parse-filters.ts';
import { rootsOf } from '../roots.ts';

interface Flags {
	readonly author?: string;
	readonly message?: string;
	readonly change?: readonly string[];
	readonly pause: boolean;
}

/** `tsrun commit`: prints the id of the new image. */
export function declareCommand(command: Command): void {
	command
		.argument('<container>', 'name, id or the beginning of an id')
		.argument('[name]', 'of the image')
		.option('-a, --author <author>', 'for example "Ada Lovelace <ada@example.com>"')
		.option('-m, --message <message>', 'kept in the history')
		.addOption(new Option('-c, --change <instruction>', 'an instruction of a Dockerfile').argParser(collect))
		.option('-p, --pause', 'let a running container stand still meanwhile; =false does not', true)
		.action(async (container: string, name: string | undefined) => {
			const { author, message, change = [], pause } = command.opts<Flags>();
			const id = await commitContainer({
				roots: rootsOf(command),
				container,
				name,
				author,
				message,
				changes: change.map(parseChange),
				pause,
				now: new Date().toISOString(),
			});
			process.stdout.write(`${id}\n`);
		});
}
