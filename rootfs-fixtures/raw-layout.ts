import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** A layer as bytes, so that a test can write what no tool would. */
export interface RawLayer {
	readonly tar: Buffer;
	/** Blob in place of the tar or its gzip form: truncated, corrupt, of another compression. */
	readonly blob?: Buffer;
	readonly gzip?: boolean;
	readonly diffId?: string;
	/** Size in the descriptor, where it is to lie. */
	readonly size?: number;
}

export interface RawImage {
	readonly layers: readonly RawLayer[];
	readonly ref?: string;
	readonly config?: Readonly<Record<string, unknown>>;
	readonly architecture?: string;
}

interface RawDescriptor {
	readonly mediaType: string;
	readonly digest: string;
	readonly size: number;
}

/** Writes an OCI image layout; returns the descriptor of the manifest of each image. */
export function writeRawLayout(dir: string, images: readonly RawImage[]): readonly RawDescriptor[] {
	mkdirSync(join(dir, 'blobs/sha256'), { recursive: true });
	const put = (mediaType: string, bytes: Buffer): RawDescriptor => {
		const digest = sha256(bytes);
		writeFileSync(join(dir, 'blobs/sha256', digest.slice('sha256:'.length)), bytes);
		return { mediaType, digest, size: bytes.length };
	};
	const json = (type: string, value: unknown): RawDescriptor =>
		put(`application/vnd.oci.image.${type}.v1+json`, Buffer.from(JSON.stringify(value)));
	const manifests = images.map(({ layers, ref, config = {}, architecture = hostArchitecture() }) => {
		const descriptors = layers.map(({ tar, blob, gzip = true, size }) => {
			const type = `application/vnd.oci.image.layer.v1.tar${gzip ? '+gzip' : ''}`;
			const descriptor = put(type, blob ?? (gzip ? gzipSync(tar) : tar));
			return size === undefined ? descriptor : { ...descriptor, size };
		});
		const diffIds = layers.map(({ tar, diffId }) => diffId ?? sha256(tar));
		const rootfs = { type: 'layers', diff_ids: diffIds };
		const manifest = json('manifest', {
			schemaVersion: 2,
			mediaType: 'application/vnd.oci.image.manifest.v1+json',
			config: json('config', { os: 'linux', architecture, config, rootfs }),
			layers: descriptors,
		});
		return ref === undefined ? manifest : { ...manifest, annotations: { 'org.opencontainers.image.ref.name': ref } };
	});
	writeFileSync(join(dir, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
	writeFileSync(join(dir, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests }));
	return manifests;
}

export function hostArchitecture(): string {
	return process.arch === 'x64' ? 'amd64' : process.arch;
}

export function sha256(bytes: Buffer): string {
	return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
