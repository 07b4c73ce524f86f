import { createHash } from 'node:crypto';
import { dirname } from 'node:path/posix';
import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { type Digest, parseDigest } from '../core/brands.ts';
import type { Descriptor } from '../oci/image-spec.ts';
import { OCI_LAYER_GZIP } from '../oci/media-types.ts';
import type { LayerStack } from '../rootfs/layer-stack.ts';
import { DEFAULT_DIRECTORY } from '../rootfs/layer-tree.ts';
import type { StackChange } from '../rootfs/stack-changes.ts';
import { StackTar } from '../rootfs/stack-tar.ts';
import { TAR_END, tarHeader } from '../rootfs/tar-writer.ts';
import type { ConfigDocument } from '../spec/parse-change.ts';
import { writeNewBlob } from '../store/write-new-blob.ts';
import { type ContainerLayers, containerChanges, findContainerLayers, openContainerStack } from './container-layers.ts';
import { type ImageDocument, readImageDocument } from './image-document.ts';
import { putNewImage } from './new-image.ts';
import { pauseContainer, resumeContainer } from './oci/pause-container.ts';
import { imageContent } from './store-content.ts';
import { type Workspace, withWorkspace } from './workspace.ts';

export interface CommitRequest {
	readonly roots: { readonly data: string; readonly state: string };
	readonly container: string;
	readonly name: string | undefined;
	readonly author: string | undefined;
	readonly message: string | undefined;
	readonly changes: readonly ((config: ConfigDocument) => ConfigDocument)[];
	/** Let a running container stand still meanwhile. */
	readonly pause: boolean;
	/** ISO 8601. */
	readonly now: string;
}

/**
 * Makes an image of a container: the layers of its own image, and one more with what it has changed.
 * @returns the id
 * @throws TsrunError TSRUN_NO_SUCH_CONTAINER, TSRUN_BAD_REFERENCE
 */
export async function commitContainer(request: CommitRequest): Promise<Digest> {
	const found = findContainerLayers(request.roots, request.container);
	const { store, record } = found;
	return withWorkspace(store, async workspace => {
		const base = parseDigest(record.state.imageDigest);
		await workspace.keep(imageContent(store, base));
		const { manifest, document } = readImageDocument(store, base);
		const layer = await withPause(request, found, () => writeLayer(workspace, found));
		return putNewImage(workspace, store, {
			document: committed(document, layer.diffId, request),
			layers: [...manifest.layers, descriptorOf(layer)],
			name: request.name,
		});
	});
}

interface WrittenLayer {
	readonly digest: Digest;
	readonly size: number;
	readonly diffId: Digest;
}

function descriptorOf({ digest, size }: WrittenLayer): Descriptor {
	return { mediaType: OCI_LAYER_GZIP, digest, size };
}

async function withPause<T>(
	{ roots, pause }: CommitRequest,
	{ record }: ContainerLayers,
	work: () => Promise<T>,
): Promise<T> {
	if (!pause || record.status !== 'running') return work();
	pauseContainer(roots.state, record.state.id);
	try {
		return await work();
	} finally {
		resumeContainer(roots.state, record.state.id);
	}
}

async function writeLayer(workspace: Workspace, found: ContainerLayers): Promise<WrittenLayer> {
	const stack = openContainerStack(found);
	const hash = createHash('sha256');
	try {
		const bytes = Readable.from(hashed(layerBytes(stack, containerChanges(found)), hash), { objectMode: false });
		const gzip = createGzip();
		bytes.on('error', error => gzip.destroy(error));
		const { digest, size } = await writeNewBlob(workspace, bytes.pipe(gzip) as AsyncIterable<Buffer>);
		return { digest, size, diffId: parseDigest(`sha256:${hash.digest('hex')}`) };
	} finally {
		stack.close();
	}
}

function* hashed(chunks: Iterable<Buffer>, hash: ReturnType<typeof createHash>): Generator<Buffer> {
	for (const chunk of chunks) {
		if (chunk.length === 0) continue;
		hash.update(chunk);
		yield chunk;
	}
}

/** image-spec 1.1, layer.md, "Representing Changes". */
function* layerBytes(stack: LayerStack, changes: readonly StackChange[]): Generator<Buffer> {
	const tar = new StackTar(stack);
	for (const change of changes) {
		if (change.kind === 'D') yield whiteout(change.path);
		else yield* tar.member(change.entry);
	}
	yield TAR_END;
}

function whiteout(path: string): Buffer {
	const directory = dirname(path);
	const name = `.wh.${path.slice(path.lastIndexOf('/') + 1)}`;
	return tarHeader({
		type: 'file',
		name: directory === '.' ? name : `${directory}/${name}`,
		target: '',
		size: 0,
		device: [0, 0],
		metadata: { ...DEFAULT_DIRECTORY, mode: 0o644 },
	});
}

function committed(
	document: ImageDocument,
	diffId: Digest,
	{ author, message, changes, now }: CommitRequest,
): ImageDocument {
	const said = { ...(author === undefined ? {} : { author }), ...(message === undefined ? {} : { comment: message }) };
	return {
		...document,
		created: now,
		...(author === undefined ? {} : { author }),
		config: changes.reduce((config, change) => change(config), document.config ?? {}),
		rootfs: { type: 'layers', diff_ids: [...document.rootfs.diff_ids, diffId] },
		history: [...(document.history ?? []), { created: now, created_by: 'tsrun commit', ...said }],
	};
}
