import { createReadStream } from 'node:fs';
import { type Command, Option } from 'commander';
import { TsrunError } from '../../core/errors.ts';
import { openRegularFile } from '../../image/open-regular-file.ts';
import { importImage } from '../../runtime/import-image.ts';
import { parseChange } from '../../spec/parse-change.ts';
import { openStore } from '../../store/open-store.ts';
import { collect } from '../format/parse-filters.ts';
import { rootsOf } from '../roots.ts';

interface Flags {
	readonly message?: string;
	readonly change?: readonly string[];
	readonly platform?: string;
}

/** `tsrun import`: prints the id of the new image. */
export function declareCommand(command: Command): void {
	command
		.argument('<file>', 'a tar archive, plain or compressed, or - for standard input')
		.argument('[name]', 'of the image')
		.option('-m, --message <message>', 'kept in the history')
		.addOption(new Option('-c, --change <instruction>', 'an instruction of a Dockerfile').argParser(collect))
		.option('--platform <platform>', 'os/architecture[/variant]; this host’s unless told')
		.action(async (file: string, name: string | undefined) => {
			const { message, change = [], platform } = command.opts<Flags>();
			const id = await importImage(openStore(rootsOf(command).data), {
				content: contentOf(file),
				name,
				message,
				platform,
				changes: change.map(parseChange),
				now: new Date().toISOString(),
			});
			process.stdout.write(`${id}\n`);
		});
}

function contentOf(file: string): AsyncIterable<Uint8Array> {
	if (/^https?:/.test(file)) {
		throw new TsrunError('TSRUN_USAGE', `import: ${file} is not a file, and nothing is downloaded`, {
			hint: 'curl -fL URL | tsrun import - NAME',
		});
	}
	if (file !== '-') return createReadStream('', { fd: openRegularFile(file, 'archive').fd });
	if (process.stdin.isTTY) {
		throw new TsrunError('TSRUN_USAGE', 'import: standard input is a terminal', { hint: 'tsrun import FILE NAME' });
	}
	return process.stdin;
}
