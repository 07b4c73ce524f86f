import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Digest, parseDigest } from '../core/brands.ts';
import { asArray, asCount, asString, type JsonField, parseDocument, property, required } from '../oci/json-field.ts';
import type { Metadata } from './layer-entry.ts';
import { LayerStack } from './layer-stack.ts';

/** What is known of an extracted layer: `<name>.json` beside its directory, written last. */
export interface LayerRecord {
	readonly diffId: Digest;
	/** Set when the directory is right only above the layers of this chain. */
	readonly chainId?: Digest;
	readonly root?: Metadata;
	/** No layer below is part of the image. */
	readonly hidesBelow: boolean;
	readonly whiteoutDirectories: readonly string[];
}

/** The record of a layer directory, or undefined where the layer is not (completely) there. */
export function readRecord(layers: string, name: string): LayerRecord | undefined {
	let bytes: Buffer;
	try {
		bytes = readFileSync(join(layers, `${name}.json`));
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
		throw error;
	}
	// a file whose name reached the disk before a power cut, and whose content did not
	if (bytes.length === 0) return undefined;
	const root = parseDocument(bytes, `layer record ${name}`);
	const chainId = property(root, 'chainId');
	const metadata = property(root, 'root');
	return {
		diffId: parseDigest(asString(required(root, 'diffId'))),
		...(chainId === undefined ? {} : { chainId: parseDigest(asString(chainId)) }),
		...(metadata === undefined ? {} : { root: parseMetadata(metadata) }),
		hidesBelow: required(root, 'hidesBelow').value === true,
		whiteoutDirectories: asArray(required(root, 'whiteoutDirectories'), 1_000_000).map(asString),
	};
}

/** @param tmp where it is written before it is there, at once */
export function writeRecord({ layers, tmp }: { layers: string; tmp: string }, name: string, record: LayerRecord): void {
	const { root, ...rest } = record;
	const document = root === undefined ? rest : { ...rest, root: serialiseMetadata(root) };
	const temporary = join(tmp, `record-${name}`);
	writeFileSync(temporary, JSON.stringify(document), { mode: 0o600 });
	renameSync(temporary, join(layers, `${name}.json`));
}

/** Overlayfs shows a whiteout in listings of a directory that the layers below do not have. */
export function whiteoutsFit(directories: readonly string[], lower: readonly string[]): boolean {
	if (directories.length === 0) return true;
	const stack = new LayerStack(lower);
	try {
		return directories.every(path => stack.find(path, 'nofollow') !== undefined);
	} finally {
		stack.close();
	}
}

export interface SerialisedMetadata extends Omit<Metadata, 'xattrs'> {
	/** Values in base64. */
	readonly xattrs: readonly (readonly [string, string])[];
}

export function serialiseMetadata(metadata: Metadata): SerialisedMetadata {
	const xattrs = metadata.xattrs.map(([name, value]) => [name, Buffer.from(value).toString('base64')] as const);
	return { ...metadata, xattrs };
}

export function parseMetadata(field: JsonField): Metadata {
	const [mode, uid, gid, mtimeNsec] = ['mode', 'uid', 'gid', 'mtimeNsec'].map(name => asCount(required(field, name)));
	const xattrs = asArray(required(field, 'xattrs')).map(pair => {
		const [name, value] = asArray(pair).map(asString);
		return [name ?? '', Buffer.from(value ?? '', 'base64')] as const;
	});
	const mtimeSec = Number(required(field, 'mtimeSec').value);
	return { mode: mode ?? 0, uid: uid ?? 0, gid: gid ?? 0, mtimeSec, mtimeNsec: mtimeNsec ?? 0, xattrs };
}
