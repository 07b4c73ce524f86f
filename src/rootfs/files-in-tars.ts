import { badLayer } from './bad-layer.ts';
import type { LayerEntry } from './layer-entry.ts';
import type { DataSink } from './layer-writer.ts';
import { parseWhiteout } from './parse-whiteout.ts';
import { readTar } from './read-tar.ts';

const MAX_ENTRIES = 1_000_000;

/**
 * Reads small files of an image out of its layers' archives, without extracting any: for a user who may not. A file that is
 * there as a link is left out.
 * @param layers archives, top first; those below the last that is needed are not read
 * @param paths from the root of the image, as `etc/passwd`
 * @throws TsrunError TSRUN_BAD_LAYER
 */
export async function readFilesInTars(
	layers: readonly (() => AsyncIterable<Buffer>)[],
	paths: readonly string[],
	maxBytes: number,
): Promise<ReadonlyMap<string, Buffer>> {
	const found = new Map<string, Buffer>();
	let wanted = paths;
	for (const open of layers) {
		if (wanted.length === 0) break;
		const { contents, hidden } = await readLayer(open(), wanted, maxBytes);
		for (const [path, chunks] of contents) found.set(path, Buffer.concat(chunks));
		wanted = wanted.filter(path => !contents.has(path) && !hidden.has(path));
	}
	return found;
}

interface LayerFiles {
	readonly contents: Map<string, Buffer[]>;
	/** What this layer says is not there, or is no file: layers below do not count. */
	readonly hidden: Set<string>;
}

async function readLayer(
	chunks: AsyncIterable<Buffer>,
	wanted: readonly string[],
	maxBytes: number,
): Promise<LayerFiles> {
	const files: LayerFiles = { contents: new Map(), hidden: new Set() };
	const onEntry = (entry: LayerEntry): DataSink | undefined => {
		hide(entry, wanted, files);
		const path = entry.parts.join('/');
		if (entry.type !== 'file' || !wanted.includes(path)) return undefined;
		if (entry.size > maxBytes) throw badLayer(`has a ${path} of more than ${maxBytes} bytes`);
		const parts: Buffer[] = [];
		files.contents.set(path, parts);
		return { write: chunk => parts.push(Buffer.from(chunk)), end: () => {} };
	};
	await readTar(chunks, { onEntry, maxEntries: MAX_ENTRIES });
	return files;
}

function hide({ parts, type }: LayerEntry, wanted: readonly string[], { contents, hidden }: LayerFiles): void {
	const whiteout = parseWhiteout(parts.at(-1) ?? '');
	if (whiteout !== undefined) {
		const gone = whiteout.kind === 'remove' ? [...parts.slice(0, -1), whiteout.name] : parts.slice(0, -1);
		if (whiteout.kind !== 'ignore') for (const path of below(wanted, gone)) hidden.add(path);
		return;
	}
	if (type === 'directory' && !wanted.includes(parts.join('/'))) return;
	// a later entry of the same name wins, of whatever type
	for (const path of below(wanted, parts)) {
		hidden.add(path);
		contents.delete(path);
	}
}

function below(paths: readonly string[], parts: readonly string[]): readonly string[] {
	const top = parts.join('/');
	return paths.filter(path => parts.length === 0 || path === top || path.startsWith(`${top}/`));
}
