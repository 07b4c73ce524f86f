import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { type Digest, parseDigest, splitDigest } from '../core/brands.ts';
import { type MountEntry, parseMountinfo } from '../host/parse-mountinfo.ts';
import type { Store } from '../store/open-store.ts';

const SOURCE = 'tsrun-image:';

export interface ImageMount {
	readonly digest: Digest;
	readonly mountpoint: string;
}

/** What /proc/mounts shows as the source of a mounted image: the mount itself tells whose it is, so nothing else is written down. */
export function imageMountSource(digest: Digest): string {
	return `${SOURCE}${digest}`;
}

/** The images that are mounted in this mount namespace. */
export function readImageMounts(): readonly ImageMount[] {
	return parseMountinfo(readFileSync('/proc/self/mountinfo', 'utf8')).filter(isOurs).map(toImageMount);
}

function isOurs({ type, source }: MountEntry): boolean {
	return type === 'overlay' && source.startsWith(SOURCE);
}

function toImageMount({ source, mountpoint }: MountEntry): ImageMount {
	return { digest: parseDigest(source.slice(SOURCE.length)), mountpoint };
}

/** The directories that lie uppermost in mounts of images, by the hex digits of the manifest. */
export function unusedMountDirectories({ mounts }: Store): readonly string[] {
	if (!existsSync(mounts)) return [];
	const used = new Set(readImageMounts().map(({ digest }) => splitDigest(digest).hex));
	return readdirSync(mounts).filter(name => !used.has(name));
}
