/** Media types of image-spec 1.1 (media-types.md) and of Docker's Image Manifest Version 2, Schema 2, which say the same. */
export const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';
export const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
export const OCI_CONFIG = 'application/vnd.oci.image.config.v1+json';
export const OCI_LAYER = 'application/vnd.oci.image.layer.v1.tar';
export const OCI_LAYER_GZIP = 'application/vnd.oci.image.layer.v1.tar+gzip';
export const OCI_LAYER_ZSTD = 'application/vnd.oci.image.layer.v1.tar+zstd';
export const DOCKER_INDEX = 'application/vnd.docker.distribution.manifest.list.v2+json';
export const DOCKER_MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';
export const DOCKER_CONFIG = 'application/vnd.docker.container.image.v1+json';

/** Annotation that names an image in an index (image-spec 1.1, annotations.md). */
export const REF_NAME = 'org.opencontainers.image.ref.name';
/** Annotation with which containerd, docker and buildah keep an image's full name in an index. */
export const CONTAINERD_NAME = 'io.containerd.image.name';

const KINDS: Readonly<Record<string, 'index' | 'manifest' | 'config' | 'layer'>> = {
	[OCI_INDEX]: 'index',
	[DOCKER_INDEX]: 'index',
	[OCI_MANIFEST]: 'manifest',
	[DOCKER_MANIFEST]: 'manifest',
	[OCI_CONFIG]: 'config',
	[DOCKER_CONFIG]: 'config',
	[OCI_LAYER]: 'layer',
	[OCI_LAYER_GZIP]: 'layer',
	[OCI_LAYER_ZSTD]: 'layer',
	'application/vnd.oci.image.layer.nondistributable.v1.tar': 'layer',
	'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip': 'layer',
	'application/vnd.oci.image.layer.nondistributable.v1.tar+zstd': 'layer',
	'application/vnd.docker.image.rootfs.diff.tar': 'layer',
	'application/vnd.docker.image.rootfs.diff.tar.gzip': 'layer',
	'application/vnd.docker.image.rootfs.diff.tar.zstd': 'layer',
	'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip': 'layer',
};

/** What a blob of this media type holds; `other` for artifacts and everything that is not a container image. */
export function kindOfMediaType(mediaType: string): 'index' | 'manifest' | 'config' | 'layer' | 'other' {
	return Object.hasOwn(KINDS, mediaType) ? (KINDS[mediaType] ?? 'other') : 'other';
}
