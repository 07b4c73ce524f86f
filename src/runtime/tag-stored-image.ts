import { TsrunError } from '../core/errors.ts';
import { parseReference } from '../image/parse-reference.ts';
import type { Store } from '../store/open-store.ts';
import { tagImage } from '../store/stored-images.ts';
import { storedName } from './image-document.ts';

/** @throws TsrunError TSRUN_NO_IMAGE, TSRUN_BAD_REFERENCE */
export async function tagStoredImage(store: Store, image: string, text: string): Promise<void> {
	const target = parseReference(text);
	if (target.kind === 'local' || target.name === '' || target.digest !== undefined) {
		throw new TsrunError('TSRUN_BAD_REFERENCE', `image reference ${JSON.stringify(text)} is not a name with a tag`, {
			hint: 'for example NAME:TAG',
		});
	}
	await tagImage(store, storedName(image), target.name);
}
