import { type BigIntStats, closeSync, lstatSync, openSync, readdirSync, readlinkSync, readSync } from 'node:fs';
import { lgetxattr, llistxattr } from '../native/syscalls.ts';

const CHUNK = 1 << 18;
const SLASH = Buffer.from('/');

/**
 * The first difference between two directories of layers, in names, types, modes, owners, times, attributes, links and every byte of
 * files: `etc/passwd: other content`. Undefined where there is none. The top directories themselves are not compared.
 */
export function compareLayers(expected: string, actual: string): string | undefined {
	return new LayerComparison().compareEntries(Buffer.from(expected), Buffer.from(actual), '');
}

class LayerComparison {
	/** Which file is the other one's: hard links must bind the same names. */
	readonly #partners = new Map<bigint, bigint>();
	readonly #buffers = [Buffer.alloc(CHUNK), Buffer.alloc(CHUNK)] as const;

	compareEntries(expected: Buffer, actual: Buffer, path: string): string | undefined {
		const [wanted, present] = [namesIn(expected), namesIn(actual)];
		const missing = [...wanted].find(name => !present.has(name));
		if (missing !== undefined) return `${path}${missing}: is missing`;
		const added = [...present].find(name => !wanted.has(name));
		if (added !== undefined) return `${path}${added}: does not belong there`;
		for (const name of wanted) {
			const bytes = Buffer.from(name, 'latin1');
			const [a, b] = [Buffer.concat([expected, SLASH, bytes]), Buffer.concat([actual, SLASH, bytes])];
			const found = this.#compare(a, b, `${path}${name}`);
			if (found !== undefined) return found;
		}
		return undefined;
	}

	#compare(expected: Buffer, actual: Buffer, path: string): string | undefined {
		const [a, b] = [lstatSync(expected, { bigint: true }), lstatSync(actual, { bigint: true })];
		const fault = faultOf(a, b) ?? this.#linkFault(a, b) ?? xattrFault(expected, actual);
		if (fault !== undefined) return `${path}: ${fault}`;
		return (
			this.#contentFault({ expected, actual, path }, a) ??
			(isSameTime(a, b) ? undefined : `${path}: other modification time`)
		);
	}

	#contentFault(
		{ expected, actual, path }: { readonly expected: Buffer; readonly actual: Buffer; readonly path: string },
		stat: BigIntStats,
	): string | undefined {
		if (stat.isDirectory()) return this.compareEntries(expected, actual, `${path}/`);
		if (stat.isSymbolicLink()) return sameLink(expected, actual) ? undefined : `${path}: other target`;
		return !stat.isFile() || this.#isSameContent(expected, actual) ? undefined : `${path}: other content`;
	}

	#linkFault(a: BigIntStats, b: BigIntStats): string | undefined {
		if (a.isDirectory()) return undefined;
		const partner = this.#partners.get(a.ino);
		this.#partners.set(a.ino, b.ino);
		return partner === undefined || partner === b.ino ? undefined : 'is not the hard link that it should be';
	}

	#isSameContent(expected: Buffer, actual: Buffer): boolean {
		const [left, right] = this.#buffers;
		const [a, b] = [openSync(expected, 'r'), openSync(actual, 'r')];
		try {
			for (;;) {
				const [count, other] = [readSync(a, left, 0, CHUNK, null), readSync(b, right, 0, CHUNK, null)];
				if (count !== other || !left.subarray(0, count).equals(right.subarray(0, count))) return false;
				if (count === 0) return true;
			}
		} finally {
			closeSync(a);
			closeSync(b);
		}
	}
}

function namesIn(directory: Buffer): ReadonlySet<string> {
	return new Set(readdirSync(directory, { encoding: 'buffer' }).map(name => name.toString('latin1')));
}

function faultOf(a: BigIntStats, b: BigIntStats): string | undefined {
	if (a.mode !== b.mode) return (a.mode & 0o170000n) === (b.mode & 0o170000n) ? 'other mode' : 'other type';
	if (a.uid !== b.uid || a.gid !== b.gid) return 'other owner';
	if (a.rdev !== b.rdev) return 'other device';
	return a.isFile() && a.size !== b.size ? 'other size' : undefined;
}

/** A whiteout is a device without a time of its own. */
function isSameTime(a: BigIntStats, b: BigIntStats): boolean {
	return a.mtimeNs === b.mtimeNs || (a.isCharacterDevice() && a.rdev === 0n);
}

function xattrFault(expected: Buffer, actual: Buffer): string | undefined {
	const names = llistxattr(expected);
	const isSame =
		new Set([...names, ...llistxattr(actual)]).size === names.length &&
		names.every(name => sameBytes(lgetxattr(expected, name), lgetxattr(actual, name)));
	return isSame ? undefined : 'other extended attributes';
}

function sameBytes(a: Buffer | undefined, b: Buffer | undefined): boolean {
	return a === undefined || b === undefined ? a === b : a.equals(b);
}

function sameLink(expected: Buffer, actual: Buffer): boolean {
	return readlinkSync(expected, 'buffer').equals(readlinkSync(actual, 'buffer'));
}
