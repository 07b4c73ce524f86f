import { closeSync, openSync, readFileSync, readlinkSync } from 'node:fs';
import type { IdMapping } from '../oci/runtime-spec.ts';
import type { NamespaceType } from '../plan/host-facts.ts';
import type { IdMaps, NamespaceFile } from '../plan/spec-facts.ts';
import { parseMountinfo } from './parse-mountinfo.ts';

/** O_PATH | O_CLOEXEC: nothing happens to what stands there, a fifo or a device included. */
const LOOK_ONLY = 0o12000000;
const EACCES = 13;

/** What stands at each path; a bind mount of a namespace is one, as `ip netns` makes it. */
export function readNamespaceFiles(paths: readonly string[]): Readonly<Record<string, NamespaceFile>> {
	return Object.fromEntries(paths.map(path => [path, readNamespaceFile(path)]));
}

function readNamespaceFile(path: string): NamespaceFile {
	let fd: number;
	try {
		fd = openSync(path, LOOK_ONLY);
	} catch (error) {
		return { kind: 'unreadable', errno: Math.abs((error as { errno?: number }).errno ?? EACCES) };
	}
	try {
		const name = nameOf(fd);
		const type = /^([a-z]+):\[\d+\]$/.exec(name)?.[1] as NamespaceType | undefined;
		if (type === undefined) return { kind: 'other' };
		const ids = type === 'user' ? readIds(path) : undefined;
		return { kind: 'namespace', type, isOwn: name === ownName(type), ...(ids === undefined ? {} : { ids }) };
	} finally {
		closeSync(fd);
	}
}

/**
 * The name that the kernel gives what is open, whatever it is called here; that of a file begins with a slash. A bind mount goes by
 * its place, and its name is what of its file system it shows.
 */
function nameOf(fd: number): string {
	const name = readlinkSync(`/proc/self/fd/${fd}`);
	if (!name.startsWith('/')) return name;
	const mount = /^mnt_id:\s*(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1'))?.[1];
	const line = readFileSync('/proc/self/mountinfo', 'latin1')
		.split('\n')
		.find(each => each.startsWith(`${mount} `));
	const [entry] = parseMountinfo(line ?? '');
	return entry?.type === 'nsfs' ? entry.root : name;
}

function ownName(type: NamespaceType): string | undefined {
	try {
		return readlinkSync(`/proc/self/ns/${type}`);
	} catch {
		return undefined;
	}
}

/** Only /proc tells the ids of a user namespace, and only of a process that is in it. */
function readIds(path: string): IdMaps | undefined {
	const pid = /^\/proc\/(\d+)\/ns\/user$/.exec(path)?.[1];
	if (pid === undefined) return undefined;
	try {
		const read = (kind: 'uid' | 'gid') => parseIdMap(readFileSync(`/proc/${pid}/${kind}_map`, 'latin1'));
		return { uid: read('uid'), gid: read('gid') };
	} catch {
		return undefined;
	}
}

/** /proc/<pid>/uid_map (user_namespaces(7)). */
export function parseIdMap(text: string): readonly IdMapping[] {
	return text
		.split('\n')
		.filter(line => line.trim() !== '')
		.map(line => {
			const [containerID = 0, hostID = 0, size = 0] = line.trim().split(/\s+/).map(Number);
			return { containerID, hostID, size };
		});
}
