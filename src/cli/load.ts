import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import { TsrunError } from '../core/errors.ts';
import { type LoadedImage, loadImages } from '../runtime/load-image.ts';
import { openStore } from '../store/open-store.ts';
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
			const loaded = await withSource({ image, input }, text =>
				loadImages(store, text, { name: tag, platform, onProgress }),
			);
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

/** The reference to load; standard input is first written to a file, since archives are read out of order. */
async function withSource(
	{ image, input }: { image: string | undefined; input: string | undefined },
	load: (text: string) => Promise<readonly LoadedImage[]>,
): Promise<readonly LoadedImage[]> {
	if (image !== undefined && input !== undefined)
		throw new TsrunError('TSRUN_USAGE', 'load: takes either a reference or --input');
	if (image !== undefined) return load(image);
	if (input !== undefined) return loadArchive(input, load);
	if (process.stdin.isTTY)
		throw new TsrunError('TSRUN_USAGE', 'no image is given', {
			hint: 'tsrun load -i FILE, or tsrun load oci:DIR, or an archive on standard input',
		});
	const directory = mkdtempSync(join(tmpdir(), 'tsrun-load-'));
	// an archive whose image has only a tag is named for its file
	const file = join(directory, 'stdin');
	try {
		await pipeline(process.stdin, createWriteStream(file));
		return await loadArchive(file, load);
	} catch (error) {
		if (!(error instanceof TsrunError) || !error.message.includes(file)) throw error;
		const { code, message, hint, exitCode } = error;
		const words = message.replace(`archive ${file}`, 'the archive on standard input');
		throw new TsrunError(code, words, { exitCode, cause: error, ...(hint === undefined ? {} : { hint }) });
	} finally {
		rmSync(directory, { recursive: true, force: true });
	}
}

/** Tells the two kinds of archives apart by trying: docker's newer ones are both. */
async function loadArchive(
	file: string,
	load: (text: string) => Promise<readonly LoadedImage[]>,
): Promise<readonly LoadedImage[]> {
	try {
		return await load(`docker-archive:${file}`);
	} catch (error) {
		if (!(error instanceof TsrunError)) throw error;
		try {
			return await load(`oci-archive:${file}`);
		} catch {
			throw error;
		}
	}
}
