import { TsrunError } from '../core/errors.ts';
import type { ImageSource } from './image-source.ts';
import type { Unpack } from './open-archive.ts';
import type { LocalReference } from './parse-reference.ts';

/** Which images of a file or directory. */
export interface Wanted extends Pick<LocalReference, 'path' | 'ref' | 'text'> {
	/** Every one; else the one that the reference stands for. */
	readonly all: boolean;
}

export interface OpenSource {
	/** At least one. */
	readonly images: readonly ImageSource[];
	readonly close: () => void;
}

export interface OpenOptions {
	readonly all?: boolean;
	readonly unpack: Unpack;
}

/** Opens the file or directory of a local reference; the caller closes it. @throws TsrunError */
export async function openSource(reference: LocalReference, { all = false, unpack }: OpenOptions): Promise<OpenSource> {
	const wanted: Wanted = { ...reference, all };
	if (reference.transport === 'oci') {
		const { readOciDirectory } = await import('./oci-directory.ts');
		return { images: readOciDirectory(wanted), close: () => {} };
	}
	return openArchiveOf(reference.transport, wanted, unpack);
}

/** All images of an archive, whichever of the two kinds it is: those that are both are read as docker does. @throws TsrunError */
export function openAnyArchive(path: string, unpack: Unpack): Promise<OpenSource> {
	return openArchiveOf('any', { path, text: path, all: true }, unpack);
}

async function openArchiveOf(
	kind: 'any' | Exclude<LocalReference['transport'], 'oci'>,
	wanted: Wanted,
	unpack: Unpack,
): Promise<OpenSource> {
	const { openArchive } = await import('./open-archive.ts');
	const archive = await openArchive(wanted.path, unpack);
	try {
		const isDocker =
			kind === 'any'
				? archive.find('manifest.json') !== undefined || archive.find('oci-layout') === undefined
				: kind === 'docker-archive';
		const images = isDocker
			? await (await import('./docker-archive.ts')).readDockerArchive(archive, wanted)
			: (await import('./oci-archive.ts')).readOciArchive(archive, wanted);
		if (images.length > 0) return { images, close: archive.close };
		throw new TsrunError('TSRUN_NO_IMAGE', `no image in ${wanted.text}`);
	} catch (error) {
		archive.close();
		throw error;
	}
}
