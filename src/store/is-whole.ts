import type { Descriptor } from '../oci/image-spec.ts';
import { kindOfMediaType } from '../oci/media-types.ts';
import { parseIndex } from '../oci/parse-manifest.ts';
import type { Store } from './open-store.ts';
import { readArtifact } from './stored-images.ts';
import { hasBlob, readBlob } from './write-blob.ts';

/** Whether all blobs of a manifest are there, or of every manifest of an index. Indexes in indexes are never brought. */
export function isWhole(store: Store, top: Descriptor): boolean {
	if (!hasBlob(store, top)) return false;
	const kind = kindOfMediaType(top.mediaType);
	if (kind === 'manifest') {
		const { config, layers } = readArtifact(store, top.digest);
		return [config, ...layers].every(blob => hasBlob(store, blob));
	}
	if (kind !== 'index') return false;
	const { manifests } = parseIndex(readBlob(store, top.digest), `index ${top.digest}`);
	return manifests.every(each => kindOfMediaType(each.mediaType) === 'manifest' && isWhole(store, each));
}
