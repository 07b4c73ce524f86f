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
import type { Wanted } from './open-source.ts';
import { selectAll, selectByRef } from './select-manifest.ts';

/** Images in an OCI image layout on disk (image-spec 1.1, image-layout.md). @throws TsrunError */
export function readOciDirectory({ path, text: description, ref, all }: Wanted): readonly ImageSource[] {
	const root = resolve(path);
	parseLayout(readLayout(root), `${root}/oci-layout`);
	const index = parseIndex(
		readSmallFile(`${root}/index.json`, MAX_DOCUMENT_BYTES, 'image index'),
		`${root}/index.json`,
	);
	const pathOf = (digest: Digest): string => {
		const { algorithm, hex } = splitDigest(digest);
		return `${root}/blobs/${algorithm}/${hex}`;
	};
	const chosen = all ? selectAll(index, description) : [selectByRef(index, ref, description)];
	return chosen.map(candidates => ({
		description,
		candidates,
		get names() {
			return fullNames(candidates, basename(root));
		},
		readBlob: (digest, limit) => readSmallFile(pathOf(digest), limit, 'blob'),
		openBlob: digest =>
			createReadStream('', { fd: openRegularFile(pathOf(digest), 'blob').fd, highWaterMark: 1 << 18 }),
		locateBlob: digest => {
			const { fd, size } = openRegularFile(pathOf(digest), 'blob');
			closeSync(fd);
			return { path: pathOf(digest), start: 0, size };
		},
	}));
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
