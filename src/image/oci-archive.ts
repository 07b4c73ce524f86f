import { basename } from 'node:path';
import { Readable } from 'node:stream';
import { type Digest, splitDigest } from '../core/brands.ts';
import { TsrunError } from '../core/errors.ts';
import { MAX_DOCUMENT_BYTES } from '../oci/json-field.ts';
import { parseLayout } from '../oci/parse-layout.ts';
import { parseIndex } from '../oci/parse-manifest.ts';
import { fullNames } from './full-names.ts';
import type { ImageSource } from './image-source.ts';
import type { Archive, Member } from './open-archive.ts';
import type { Wanted } from './open-source.ts';
import { selectAll, selectByRef } from './select-manifest.ts';

/** Images in a tar file of an OCI image layout, read in place. @throws TsrunError */
export function readOciArchive(archive: Archive, { path, text, ref, all }: Wanted): readonly ImageSource[] {
	const read = (name: string): Buffer => archive.read(member(archive, name), MAX_DOCUMENT_BYTES);
	parseLayout(read('oci-layout'), `${path}: oci-layout`);
	const index = parseIndex(read('index.json'), `${path}: index.json`);
	const blob = (digest: Digest): Member => {
		const { algorithm, hex } = splitDigest(digest);
		return member(archive, `blobs/${algorithm}/${hex}`);
	};
	return (all ? selectAll(index, text) : [selectByRef(index, ref, text)]).map(candidates => ({
		description: text,
		candidates,
		names: fullNames(candidates, basename(path)),
		readBlob: (digest, limit) => archive.read(blob(digest), limit),
		openBlob: digest => openMember(archive, blob(digest)),
		locateBlob: digest => archive.locate(blob(digest)),
	}));
}

/** @throws TsrunError TSRUN_BAD_ARCHIVE */
export function member(archive: Archive, name: string): Member {
	const found = archive.find(name);
	if (found !== undefined) return found;
	throw new TsrunError('TSRUN_BAD_ARCHIVE', `archive ${archive.path} has no ${name}`, {
		hint:
			archive.find('manifest.json') === undefined
				? archive.find('oci-layout') === undefined
					? 'it is neither an OCI archive nor one of docker save'
					: 'it is an OCI archive: oci-archive:FILE'
				: 'it looks like the output of docker save: docker-archive:FILE',
	});
}

export function openMember(archive: Archive, found: Member): Readable {
	return found.size === 0 ? Readable.from([]) : archive.open(found);
}
