import type { Command } from 'commander';
import { TsrunError } from '../core/errors.ts';
import { type LoadedImage, type LoadOptions, loadArchive, loadImages } from '../runtime/load-image.ts';
import { openStore, type Store } from '../store/open-store.ts';
import { rootsOf } from './roots.ts';
import { terminalProgress } from './terminal-progress.ts';

/** `tsrun load`: an archive (`-i`, standard input) or a reference with its transport. */
export function declareCommand(command: Command): void {
	command
		.argument('[image]', 'oci:DIR[:REF], oci-archive:FILE[:REF] or docker-archive:FILE[:REF]')
		.option('-i, --input <file>', 'an archive of docker save, or an oci-archive')
		.option('-q, --quiet', 'ids only')
		.option('-t, --tag <name>', 'name in the store, instead of those of the source')
		.option('--platform <platform>', 'of an index: os/architecture[/variant]')
		.action(async (image: string | undefined) => {
			const { input, quiet, tag, platform } = command.opts<{
				input?: string;
				quiet?: boolean;
				tag?: string;
				platform?: string;
			}>();
			const store = openStore(rootsOf(command).data);
			const onProgress = terminalProgress();
			const loaded = await load(store, { image, input }, { name: tag, platform, onProgress });
			onProgress?.('');
			process.stdout.write(loaded.map(quiet === true ? idLine : loadedText).join(''));
		});
}

function idLine({ configDigest }: LoadedImage): string {
	return `${configDigest}\n`;
}

function loadedText({ names, configDigest }: LoadedImage): string {
	if (names.length === 0) return `Loaded image ID: ${configDigest}\n`;
	return names.map(name => `Loaded image: ${name}\n`).join('');
}

async function load(
	store: Store,
	{ image, input }: { readonly image: string | undefined; readonly input: string | undefined },
	options: LoadOptions,
): Promise<readonly LoadedImage[]> {
	if (image !== undefined && input !== undefined)
		throw new TsrunError('TSRUN_USAGE', 'load: takes either a reference or --input');
	if (image !== undefined) return loadImages(store, image, options);
	if (input !== undefined) return loadArchive(store, input, options);
	if (process.stdin.isTTY)
		throw new TsrunError('TSRUN_USAGE', 'no image is given', {
			hint: 'tsrun load -i FILE, or tsrun load oci:DIR, or an archive on standard input',
		});
	return loadArchive(store, process.stdin, options);
}
