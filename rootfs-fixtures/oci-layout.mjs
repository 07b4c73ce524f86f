import { createHash } from 'node:crypto';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';

/** One moment for every entry, so that the same files have the same digest. */
const MTIME = new Date('2024-01-01T00:00:00Z');
const ARCHITECTURES = {
	x64: 'amd64',
	arm64: 'arm64',
	arm: 'arm',
	riscv64: 'riscv64',
	s390x: 's390x',
	ppc64: 'ppc64le',
};
const MEDIA = 'application/vnd.oci.image';

/**
 * Writes an OCI image layout (image-spec 1.1, image-layout.md) with one image under the reference `latest`. It replaces `dir`.
 * A name that ends in `/` is a directory, one with a `linkname` a symbolic link unless it tells its `type`.
 */
export async function writeOciLayout(dir, { layers, config }) {
	const draft = `${dir}.${process.pid}.new`;
	const blobs = join(draft, 'blobs/sha256');
	rmSync(draft, { recursive: true, force: true });
	mkdirSync(blobs, { recursive: true });
	const put = (mediaType, bytes) => {
		const hex = createHash('sha256').update(bytes).digest('hex');
		writeFileSync(join(blobs, hex), bytes);
		return { mediaType, digest: `sha256:${hex}`, size: bytes.length };
	};
	const json = value => Buffer.from(JSON.stringify(value));
	const archives = await Promise.all(layers.map(({ entries }) => tarOf(entries)));
	const descriptors = archives.map(archive => put(`${MEDIA}.layer.v1.tar+gzip`, gzipSync(archive, { level: 6 })));
	const image = put(
		`${MEDIA}.config.v1+json`,
		json({
			created: MTIME.toISOString(),
			os: 'linux',
			architecture: ARCHITECTURES[process.arch] ?? process.arch,
			config,
			rootfs: {
				type: 'layers',
				diff_ids: archives.map(archive => `sha256:${createHash('sha256').update(archive).digest('hex')}`),
			},
			history: layers.map(({ note }) => ({ created: MTIME.toISOString(), created_by: note })),
		}),
	);
	const manifest = put(
		`${MEDIA}.manifest.v1+json`,
		json({ schemaVersion: 2, mediaType: `${MEDIA}.manifest.v1+json`, config: image, layers: descriptors }),
	);
	const named = { ...manifest, annotations: { 'org.opencontainers.image.ref.name': 'latest' } };
	writeFileSync(join(draft, 'oci-layout'), json({ imageLayoutVersion: '1.0.0' }));
	writeFileSync(
		join(draft, 'index.json'),
		json({ schemaVersion: 2, mediaType: `${MEDIA}.index.v1+json`, manifests: [named] }),
	);
	mkdirSync(dirname(dir), { recursive: true });
	rmSync(dir, { recursive: true, force: true });
	renameSync(draft, dir);
}

async function tarOf(entries) {
	const archive = pack();
	for (const { data, ...entry } of entries) {
		const body = typeof data === 'string' ? Buffer.from(data) : data;
		archive.entry(
			{ mtime: MTIME, uid: 0, gid: 0, mode: 0o644, ...entry, type: typeOf(entry) },
			body ?? Buffer.alloc(0),
		);
	}
	archive.finalize();
	const chunks = [];
	for await (const chunk of archive) chunks.push(chunk);
	return Buffer.concat(chunks);
}

function typeOf({ type, name, linkname }) {
	if (type !== undefined) return type;
	if (linkname !== undefined) return 'symlink';
	return name.endsWith('/') ? 'directory' : 'file';
}
