import { createHash } from 'node:crypto';
import { closeSync, constants, openSync, readdirSync, readSync } from 'node:fs';
import { S_IFDIR, S_IFLNK, S_IFMT, S_IFREG } from '../../../src/native/flags.ts';
import { fstatat, lgetxattr, llistxattr, readlinkat } from '../../../src/native/syscalls.ts';

const AT_FDCWD = -100;

/** What one file of a tree is, as one line per fact. */
export type TreeFacts = ReadonlyMap<string, Readonly<Record<string, string>>>;

export interface CompareOptions {
	/** Paths whose mtime is not compared: directories that no layer describes. */
	readonly anyMtime?: readonly string[];
}

/**
 * Every file below a directory by its path (`.` is the directory): type and mode, owner, mtime to the nanosecond, extended
 * attributes, the text of links, device numbers, size and hash of contents, and the group of names that share an inode.
 */
export function readTree(root: string): TreeFacts {
	const facts = new Map<string, Record<string, string>>();
	const inodes = new Map<string, string[]>();
	const visit = (path: string): void => {
		const full = `${root}/${path}`;
		const status = fstatat(AT_FDCWD, bytes(full));
		const type = status.mode & S_IFMT;
		const fact: Record<string, string> = {
			mode: `0${status.mode.toString(8)}`,
			owner: `${status.uid}:${status.gid}`,
			mtime: `${status.mtimeSec}.${String(status.mtimeNsec).padStart(9, '0')}`,
			xattrs: xattrsOf(full),
		};
		if (type === S_IFLNK) fact.target = readlinkat(AT_FDCWD, bytes(full));
		else if (type === S_IFREG) Object.assign(fact, { size: String(status.size), content: hashOf(full) });
		else if (type !== S_IFDIR) fact.device = status.rdev.join(':');
		facts.set(path, fact);
		if (type === S_IFDIR) {
			for (const name of readdirSync(bytes(full), { encoding: 'latin1' }))
				visit(path === '.' ? name : `${path}/${name}`);
		} else inodes.set(String(status.ino), [...(inodes.get(String(status.ino)) ?? []), path]);
	};
	visit('.');
	for (const paths of inodes.values()) {
		for (const path of paths) Object.assign(facts.get(path) ?? {}, { links: paths.toSorted().join(' ') });
	}
	return facts;
}

/** The differences between two trees, one line each; none when they are equal. */
export function compareTrees(
	expected: TreeFacts,
	actual: TreeFacts,
	{ anyMtime = [] }: CompareOptions = {},
): readonly string[] {
	const paths = [...new Set([...expected.keys(), ...actual.keys()])].sort();
	return paths.flatMap(path => {
		const [left, right] = [expected.get(path), actual.get(path)];
		if (left === undefined) return [`${path}: only in the second`];
		if (right === undefined) return [`${path}: only in the first`];
		return [...new Set([...Object.keys(left), ...Object.keys(right)])]
			.filter(key => left[key] !== right[key] && !(key === 'mtime' && anyMtime.includes(path)))
			.map(key => `${path}: ${key} ${left[key]} / ${right[key]}`);
	});
}

function xattrsOf(path: string): string {
	return llistxattr(bytes(path))
		.toSorted()
		.map(name => `${name}=${lgetxattr(bytes(path), name)?.toString('hex')}`)
		.join(' ');
}

function hashOf(path: string): string {
	const hash = createHash('sha256');
	const buffer = Buffer.allocUnsafe(1 << 16);
	const fd = openSync(bytes(path), constants.O_RDONLY | constants.O_NOFOLLOW);
	try {
		for (let count = readSync(fd, buffer); count > 0; count = readSync(fd, buffer))
			hash.update(buffer.subarray(0, count));
	} finally {
		closeSync(fd);
	}
	return hash.digest('hex');
}

/** Names are held as latin-1, so that no byte of them is lost. */
function bytes(path: string): Buffer {
	return Buffer.from(path, 'latin1');
}
