import { type Command, Option } from 'commander';
import { TsrunError } from '../../core/errors.ts';
import { type SaveFormat, saveDirectory, saveImages } from '../../runtime/save-images.ts';
import { openStore } from '../../store/open-store.ts';
import { rootsOf } from '../roots.ts';
import { writeOutput } from './write-output.ts';

const FORMATS: readonly SaveFormat[] = ['docker-archive', 'oci-archive', 'oci-dir'];

/** `tsrun save`: an archive on standard output, or in a file; or a directory. */
export function declareCommand(command: Command): void {
	command
		.argument('<image...>', 'name or id')
		.option('-o, --output <file>', 'instead of standard output')
		.addOption(
			new Option('--format <format>', `${FORMATS.join(', ')}; the first is both`).choices(FORMATS).default(FORMATS[0]),
		)
		.action(async (images: readonly string[]) => {
			const { output, format } = command.opts<{ output?: string; format: SaveFormat }>();
			const store = openStore(rootsOf(command).data);
			if (format !== 'oci-dir') {
				await writeOutput(output, write => saveImages(store, images, { format, write }));
			} else if (output === undefined) {
				throw new TsrunError('TSRUN_USAGE', 'save: --format oci-dir wants --output DIR');
			} else await saveDirectory(store, images, output);
		});
}
