import { closeSync } from 'node:fs';
import { createGunzip } from 'node:zlib';
import type { IdMapping } from '../../oci/runtime-spec.ts';
import type { LayerEntry } from '../../rootfs/layer-entry.ts';
import type { DataSink } from '../../rootfs/layer-writer.ts';
import { readTar } from '../../rootfs/read-tar.ts';
import { TAR_END } from '../../rootfs/tar-writer.ts';
import { type IdChange, TreeTar } from '../../rootfs/tree-tar.ts';
import { TreeWriter } from '../../rootfs/tree-writer.ts';
import type { CopyPath } from '../../spec/copy-path.ts';
import { copyFault, placeCopy, saysDirectory } from '../../spec/place-copy.ts';
import { type ContainerRoot, openContainerRoot } from './container-root.ts';
import { type End, endOf, openDestination, openSource } from './copy-ends.ts';

const MAX_ENTRIES = 10_000_000;

export interface CopyRequest {
	readonly roots: { readonly data: string; readonly state: string };
	readonly source: CopyPath;
	readonly destination: CopyPath;
	/** Copy what a link at the end of the source leads to. */
	readonly follow: boolean;
	/** Owners go along to the host as well. */
	readonly archive: boolean;
	readonly input: AsyncIterable<Buffer>;
	readonly output: (chunk: Buffer) => Promise<void>;
}

/**
 * Copies between a container and the host, as docker cp does. All of it goes through an archive, read from descriptors of one side and
 * written by descriptors of the other: a container that exchanges names meanwhile leads nothing out of its own file
 * system (CVE-2018-15664), and nothing of it is run or loaded (CVE-2019-14271).
 * @returns bytes of the archive
 * @throws TsrunError TSRUN_CP, TSRUN_NO_SUCH_CONTAINER
 */
export async function copyFiles(request: CopyRequest): Promise<number> {
	const { source, destination } = request;
	if (source.kind === 'container' && destination.kind === 'container') {
		throw copyFault('nothing is copied from one container into another', 'cp A:PATH - | tsrun cp - B:PATH');
	}
	if (source.kind === 'stream' && destination.kind === 'container') return fromStream(request, destination);
	if (source.kind === 'container') {
		const root = openContainerRoot(request.roots, source.container, 'read');
		const end = endOf(source.path, { root: root.fd, shown: `${source.container}:${source.path}` });
		const out: IdChange = (kind, id) => insideId(root, kind, id);
		return destination.kind === 'stream'
			? toStream(request, end, out)
			: toHere(request, { end, out }, endOf(destination.path, { shown: destination.path }));
	}
	if (source.kind === 'local' && destination.kind === 'container') return intoContainer(request, source, destination);
	throw copyFault('one of the two must be a path of a container', 'tsrun cp web:/etc/hosts .');
}

async function toStream({ follow, output }: CopyRequest, end: End, out: IdChange): Promise<number> {
	const { fd, name } = openSource(end, follow);
	try {
		let bytes = 0;
		for (const chunk of archive(fd, name, out)) {
			bytes += chunk.length;
			await output(chunk);
		}
		return bytes;
	} finally {
		closeSync(fd);
	}
}

/** Without `-a` the files are those of whoever copies. */
function toHere(
	{ follow, archive: keepsOwners }: CopyRequest,
	{ end, out }: { readonly end: End; readonly out: IdChange },
	destination: End,
): Promise<number> {
	const own: IdChange = kind => (kind === 'uid' ? (process.geteuid?.() ?? 0) : (process.getegid?.() ?? 0));
	return copyTree({ from: end, to: destination, follow, out, into: keepsOwners ? (_, id) => id : own });
}

function intoContainer(
	{ roots, follow }: CopyRequest,
	source: Extract<CopyPath, { kind: 'local' }>,
	destination: Extract<CopyPath, { kind: 'container' }>,
): Promise<number> {
	const from = endOf(source.path, { shown: source.path });
	const root = openContainerRoot(roots, destination.container, 'write');
	const to = endOf(destination.path, { root: root.fd, shown: `${destination.container}:${destination.path}` });
	return copyTree({ from, to, follow, out: (_, id) => id, into: (kind, id) => outsideId(root, kind, id) });
}

interface TreeCopy {
	readonly from: End;
	readonly to: End;
	readonly follow: boolean;
	readonly out: IdChange;
	readonly into: IdChange;
}

async function copyTree({ from, to, follow, out, into }: TreeCopy): Promise<number> {
	const { fd, isDirectory, name } = openSource(from, follow);
	const target = openDestination(to);
	try {
		const place = placeCopy(
			{ shown: from.shown, isDirectory, name },
			{
				shown: to.shown,
				...(target.kind === undefined ? {} : { kind: target.kind }),
				mustBeDirectory: saysDirectory(to.given),
			},
		);
		const isInside = place === 'inside' && target.directory !== undefined;
		const first = isInside ? name : Buffer.from(target.name, 'utf8').toString('latin1');
		let bytes = 0;
		const counted = function* (): Generator<Buffer> {
			for (const chunk of archive(fd, first, out)) {
				bytes += chunk.length;
				yield chunk;
			}
		};
		await write(isInside ? (target.directory ?? target.parent) : target.parent, counted(), into);
		return bytes;
	} finally {
		for (const each of [fd, target.parent, target.directory]) if (each !== undefined) closeSync(each);
	}
}

async function fromStream(
	{ roots, input }: CopyRequest,
	{ container, path }: Extract<CopyPath, { kind: 'container' }>,
): Promise<number> {
	const root = openContainerRoot(roots, container, 'write');
	const shown = `${container}:${path}`;
	const target = openDestination(endOf(path, { root: root.fd, shown }));
	if (target.directory === undefined) throw copyFault(`${shown} must be a directory that is there`);
	let bytes = 0;
	const counted = async function* (): AsyncGenerator<Buffer> {
		for await (const chunk of await plain(input)) {
			bytes += chunk.length;
			yield chunk;
		}
	};
	await write(target.directory, counted(), (kind, id) => outsideId(root, kind, id));
	return bytes;
}

/** Gzip is undone here, by no program of anybody (CVE-2026-41567). */
async function plain(input: AsyncIterable<Buffer>): Promise<AsyncIterable<Buffer>> {
	const chunks = input[Symbol.asyncIterator]();
	const first = await chunks.next();
	const head = first.done === true ? Buffer.alloc(0) : first.value;
	const all = async function* (): AsyncGenerator<Buffer> {
		yield head;
		for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) yield next.value;
	};
	if (head.toString('hex', 0, 2) !== '1f8b') return all();
	const { Readable } = await import('node:stream');
	return Readable.from(all(), { objectMode: false }).pipe(createGunzip()) as AsyncIterable<Buffer>;
}

function* archive(fd: number, name: string, out: IdChange): Generator<Buffer> {
	yield* new TreeTar(out).members(fd, name);
	yield TAR_END;
}

async function write(
	directory: number,
	chunks: Iterable<Buffer> | AsyncIterable<Buffer>,
	into: IdChange,
): Promise<void> {
	const writer = new TreeWriter(directory, into);
	const onEntry = (entry: LayerEntry): DataSink | undefined => writer.add(entry);
	try {
		await readTar(asynchronous(chunks), { maxEntries: MAX_ENTRIES, onEntry });
		writer.finish();
	} finally {
		writer.close();
	}
}

async function* asynchronous(chunks: Iterable<Buffer> | AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
	yield* chunks;
}

function insideId({ uidMappings, gidMappings }: ContainerRoot, kind: 'uid' | 'gid', id: number): number {
	return change(kind === 'uid' ? uidMappings : gidMappings, id, ({ hostID, containerID, size }) => ({
		from: hostID,
		to: containerID,
		size,
	}));
}

function outsideId({ uidMappings, gidMappings }: ContainerRoot, kind: 'uid' | 'gid', id: number): number {
	return change(kind === 'uid' ? uidMappings : gidMappings, id, ({ hostID, containerID, size }) => ({
		from: containerID,
		to: hostID,
		size,
	}));
}

/** An id that no range has stays what it is. */
function change(
	mappings: readonly IdMapping[],
	id: number,
	rangeOf: (mapping: IdMapping) => { readonly from: number; readonly to: number; readonly size: number },
): number {
	const range = mappings.map(rangeOf).find(({ from, size }) => id >= from && id < from + size);
	return range === undefined ? id : id - range.from + range.to;
}
