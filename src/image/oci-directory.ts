import { closeSync, createReadStream } from 'node:fs';
import { basename, resolve } from 'node:path';
import { type Digest, splitDigest } from '../core/brands.ts';
import { TsrunError } from '../core/errors.ts';
import { MAX_DOCUMENT_BYTES } from '../oci/json-field.ts';
import { parseLayout } from '../oci/parse-layout.ts';
import { parseIndex } from '../oci/parse-manifest.ts';
import { fullNames } from './full-names.ts';
import type { ImageSource } from './image-source.ts';
import { openRegularFile, readSmallFile } from './open-regular-file.ts';
import type { LocalReference } from './parse-reference.ts';
import { selectByRef } from './select-manifest.ts';

/** An image in an OCI image layout on disk (image-spec 1.1, image-layout.md). @throws TsrunError */
export function openOciDirectory(reference: LocalReference): ImageSource {
	const root = resolve(reference.path);
	const description = reference.text;
	parseLayout(readLayout(root), `${root}/oci-layout`);
	const index = parseIndex(
		readSmallFile(`${root}/index.json`, MAX_DOCUMENT_BYTES, 'image index'),
		`${root}/index.json`,
	);
	const candidates = selectByRef(index, reference.ref, description);
	const pathOf = (digest: Digest): string => {
		const { algorithm, hex } = splitDigest(digest);
		return `${root}/blobs/${algorithm}/${hex}`;
	};
	return {
		description,
		candidates,
		get names() {
			return fullNames(candidates, basename(root));
		},
		readBlob: (digest, limit) => readSmallFile(pathOf(digest), limit, 'blob'),
		openBlob: digest =>
			createReadStream('', { fd: openRegularFile(pathOf(digest), 'blob').fd, highWaterMark: 1 << 20 }),
		locateBlob: digest => {
			const { fd, size } = openRegularFile(pathOf(digest), 'blob');
			closeSync(fd);
			return { path: pathOf(digest), start: 0, size };
		},
		close: () => {},
	};
}

function readLayout(root: string): Buffer {
	try {
		return readSmallFile(`${root}/oci-layout`, MAX_DOCUMENT_BYTES, 'image layout');
	} catch (cause) {
		if (!(cause instanceof TsrunError)) throw cause;
		throw new TsrunError(cause.code, cause.message, {
			cause,
			hint: 'oci: takes a directory with an image layout, as skopeo copy and buildah push write to oci:DIR',
		});
	}
}
