import type { Header } from 'tar-stream';
import { badLayer, shown } from './bad-layer.ts';
import { parsePaxTime, paxNumber } from './pax-records.ts';
import type { SparseMap } from './sparse-map.ts';
import type { Extension } from './tar-extensions.ts';

/** What a layer says of one file. Names are bytes, held as latin-1. */
export interface LayerEntry {
	readonly type: 'file' | 'directory' | 'symlink' | 'hardlink' | 'character' | 'block' | 'fifo';
	/** The parts of the name; none is empty, `.` or `..`. No part at all: the root. */
	readonly parts: readonly string[];
	/** Of a symlink its text, of a hard link the name of the other file. */
	readonly target: string;
	readonly metadata: Metadata;
	readonly device: readonly [major: number, minor: number];
	/** Bytes of data in the layer. */
	readonly size: number;
	readonly sparse: SparseMap | undefined;
}

export interface Metadata {
	/** Permission bits, with setuid, setgid and sticky. */
	readonly mode: number;
	readonly uid: number;
	readonly gid: number;
	readonly mtimeSec: number;
	readonly mtimeNsec: number;
	readonly xattrs: readonly (readonly [name: string, value: Uint8Array])[];
}

const XATTR = 'SCHILY.xattr.';
/** Attributes with which a layer would steer the overlay itself. */
const OVERLAY_XATTR = /^(trusted|user)\.overlay\./;
const MAX_PATH_BYTES = 4000;
const MAX_DEPTH = 256;
const MAX_NAME_BYTES = 255;
const MAX_ID = 2 ** 32 - 2;

/** Puts a header and its extensions together. @throws TsrunError TSRUN_BAD_LAYER */
export function makeEntry(header: Header, extension: Extension): LayerEntry {
	const { pax } = extension;
	const name = pax.values.get('GNU.sparse.name') ?? pax.values.get('path') ?? extension.longName ?? header.name;
	const type = typeOf(header, name);
	const target = pax.values.get('linkpath') ?? extension.longLink ?? header.linkname ?? '';
	if ((type === 'symlink' || type === 'hardlink') && (target === '' || target.includes('\0') || target.length > 4095)) {
		throw badLayer(`entry ${shown(name)} has the link target ${shown(target)}, which is not valid`);
	}
	return {
		type,
		parts: splitName(name),
		target,
		metadata: readMetadata(extension, name),
		device: type === 'character' || type === 'block' ? readDevice(header, name) : [0, 0],
		size: header.size,
		sparse: extension.sparse,
	};
}

/**
 * The parts of a name in a layer. A leading slash is the layer's root, as other tools read it; `..` is refused everywhere.
 * @throws TsrunError TSRUN_BAD_LAYER
 */
export function splitName(name: string): readonly string[] {
	const parts: string[] = [];
	let longest = 0;
	for (const part of name.split('/')) {
		if (part === '' || part === '.') continue;
		if (part.length > longest) longest = part.length;
		parts.push(part);
	}
	const fault = parts.includes('..')
		? 'climbs out with ".."'
		: name.includes('\0')
			? 'holds a NUL'
			: name === ''
				? 'is empty'
				: name.length > MAX_PATH_BYTES || parts.length > MAX_DEPTH || longest > MAX_NAME_BYTES
					? 'is too long'
					: undefined;
	if (fault !== undefined) throw badLayer(`entry ${shown(name)} is refused: its name ${fault}`);
	return parts;
}

function typeOf(header: Header, name: string): LayerEntry['type'] {
	switch (header.type) {
		case 'file':
		case 'contiguous-file':
			return name.endsWith('/') ? 'directory' : 'file';
		case 'directory':
		case 'symlink':
		case 'fifo':
			return header.type;
		case 'link':
			return 'hardlink';
		case 'character-device':
			return 'character';
		case 'block-device':
			return 'block';
		default:
			throw badLayer(`entry ${shown(name)} has a type that is not known`);
	}
}

function readMetadata({ pax, ...header }: Extension, name: string): Metadata {
	const time = pax.values.get('mtime');
	const { sec, nsec } = time === undefined ? { sec: header.mtime, nsec: 0 } : parsePaxTime(time);
	const uid = paxNumber(pax, 'uid') ?? header.uid;
	const gid = paxNumber(pax, 'gid') ?? header.gid;
	if (![uid, gid].every(id => id >= 0 && id <= MAX_ID)) {
		throw badLayer(`entry ${shown(name)} has the owner ${uid}:${gid}, which is out of range`);
	}
	return { mode: header.mode & 0o7777, uid, gid, mtimeSec: sec, mtimeNsec: nsec, xattrs: readXattrs(pax.values) };
}

function readXattrs(values: ReadonlyMap<string, string>): Metadata['xattrs'] {
	if (values.size === 0) return [];
	return [...values]
		.filter(([key]) => key.startsWith(XATTR) && !OVERLAY_XATTR.test(key.slice(XATTR.length)))
		.map(([key, value]) => [key.slice(XATTR.length), Buffer.from(value, 'latin1')] as const);
}

function readDevice({ devmajor, devminor }: Header, name: string): LayerEntry['device'] {
	const isValid = [devmajor, devminor].every(number => Number.isInteger(number) && number >= 0 && number < 2 ** 32);
	if (!isValid) throw badLayer(`entry ${shown(name)} has a device number that is not valid`);
	return [devmajor, devminor];
}
