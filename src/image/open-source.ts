import type { ImageSource } from './image-source.ts';
import { openOciDirectory } from './oci-directory.ts';
import type { LocalReference } from './parse-reference.ts';

/** Opens the file or directory of a local reference; the caller closes it. @throws TsrunError */
export async function openSource(reference: LocalReference): Promise<ImageSource> {
	switch (reference.transport) {
		case 'oci':
			return openOciDirectory(reference);
		case 'oci-archive': {
			const { openOciArchive } = await import('./oci-archive.ts');
			return openOciArchive(reference);
		}
		case 'docker-archive': {
			const { openDockerArchive } = await import('./docker-archive.ts');
			return openDockerArchive(reference);
		}
	}
}
