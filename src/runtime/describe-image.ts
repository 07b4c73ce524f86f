import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hostPlatform, readPlatform } from '../image/choose-platform.ts';
import { type ImageSource, readDocument } from '../image/image-source.ts';
import { openSource } from '../image/open-source.ts';
import type { LocalReference } from '../image/parse-reference.ts';
import { selectManifest } from '../image/select-manifest.ts';
import { parseManifest } from '../oci/parse-manifest.ts';
import { decompress } from '../rootfs/decompress.ts';
import { readFilesInTars } from '../rootfs/files-in-tars.ts';
import { layerName } from '../rootfs/layer-name.ts';
import type { Store } from '../store/open-store.ts';
import { checkPlatform, readConfig } from './add-image.ts';
import type { ReadyImage } from './load-image.ts';
import { unpackInto } from './unpack-archive.ts';

export interface DescribedImage {
	/** Its layers' directories are where root would have them. */
	readonly image: ReadyImage;
	/** Contents of the files that were asked for and are there, by path. */
	readonly files: ReadonlyMap<string, Buffer>;
}

export interface DescribeOptions {
	readonly platform?: string | undefined;
	/** Without a leading slash. */
	readonly files: readonly string[];
	readonly maxBytes: number;
}

/**
 * What is known of a local image without extracting it, for a user who cannot give files to their owners. Reads the image and
 * changes nothing.
 * @throws TsrunError
 */
export async function describeImage(
	store: Store,
	reference: LocalReference,
	{ platform, files, maxBytes }: DescribeOptions,
): Promise<DescribedImage> {
	const host = hostPlatform(process.arch);
	const choice = { host, wanted: platform === undefined ? undefined : readPlatform(platform, host) };
	return withSource(reference, async source => {
		const manifest = selectManifest(source, choice);
		const parsed = parseManifest(readDocument(source, manifest), `manifest ${manifest.digest}`);
		const config = readConfig(parsed, readDocument(source, parsed.config));
		checkPlatform(config, { choice, description: source.description, manifest });
		const tars = parsed.layers.map(({ digest }) => () => {
			const { path, ...range } = source.locateBlob(digest);
			return decompress(path, range);
		});
		const names = config.rootfs.diffIds.map(layerName);
		return {
			image: {
				name: reference.text,
				manifestDigest: manifest.digest,
				configDigest: parsed.config.digest,
				config,
				layerDirs: names
					.filter((name, index) => names.lastIndexOf(name) === index)
					.map(name => `${store.layers}/${name}`),
				root: undefined,
			},
			files: await readFilesInTars(tars.toReversed(), files, maxBytes),
		};
	});
}

/** The store is somebody else's: what must be unpacked is in a directory of the user's own meanwhile. */
async function withSource<T>(reference: LocalReference, use: (source: ImageSource) => Promise<T>): Promise<T> {
	const directory = mkdtempSync(join(tmpdir(), 'tsrun-plan-'));
	try {
		const { images, close } = await openSource(reference, { unpack: unpackInto(directory) });
		const [source] = images;
		if (source === undefined) throw new Error(`${reference.text} has no image`);
		return await use(source).finally(close);
	} finally {
		rmSync(directory, { recursive: true });
	}
}
