import { expect, it } from 'vitest';
import { kindOfMediaType } from '../../../src/oci/media-types.ts';

it.each([
	['application/vnd.oci.image.index.v1+json', 'index'],
	['application/vnd.docker.distribution.manifest.list.v2+json', 'index'],
	['application/vnd.docker.distribution.manifest.v2+json', 'manifest'],
	['application/vnd.docker.image.rootfs.diff.tar.gzip', 'layer'],
	['application/vnd.oci.image.layer.v1.tar+zstd', 'layer'],
	['application/vnd.oci.empty.v1+json', 'other'],
	['toString', 'other'],
	['', 'other'],
])('%s is of kind %s', (mediaType, kind) => {
	expect(kindOfMediaType(mediaType)).toBe(kind);
});
