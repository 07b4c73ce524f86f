import { mkdirSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { splitDigest } from '../core/brands.ts';
import { TsrunError } from '../core/errors.ts';
import { attempt } from '../core/system-failure.ts';
import { parseMountinfo } from '../host/parse-mountinfo.ts';
import { mount, umount2 } from '../native/mount-calls.ts';
import { LITERALLY } from '../plan/rootfs.ts';
import { LayerFs, removeTreeAt } from '../rootfs/layer-fs.ts';
import { DEFAULT_DIRECTORY } from '../rootfs/layer-tree.ts';
import type { Store } from '../store/open-store.ts';
import { imageMountSource, readImageMounts, unusedMountDirectories } from './image-mounts.ts';
import { ensureImage, type ReadyImage } from './load-image.ts';
import { withWorkspace } from './workspace.ts';

const MS_RDONLY = 1;
const MS_NOSUID = 2;
const MS_NODEV = 4;
const UMOUNT_NOFOLLOW = 8;

/**
 * Mounts an image at a directory, read-only, without devices and set-user-ID programs: it is there to be looked at.
 * @returns the directory, absolute
 * @throws TsrunError TSRUN_NO_IMAGE, TSRUN_MOUNT
 */
export async function mountImage(store: Store, text: string, target: string): Promise<string> {
	return withWorkspace(store, async ({ keep }) => {
		const image = await ensureImage(store, text);
		await keep([
			image.manifestDigest,
			image.configDigest,
			...image.layerDirs.map(path => path.slice(store.layers.length + 1)),
		]);
		const hint = 'the directory must exist, and mounting needs root';
		return attempt({ code: 'TSRUN_MOUNT', action: `mount image ${text} at ${target}`, hint }, () => {
			const place = realpathSync(target);
			// names relative to the layers are short: all options must fit into a page
			const before = process.cwd();
			process.chdir(store.layers);
			try {
				mount({
					source: imageMountSource(image.manifestDigest),
					target: place,
					type: 'overlay',
					flags: MS_RDONLY | MS_NOSUID | MS_NODEV,
					data: `lowerdir=${lowerDirectories(store, image).join(':')}${LITERALLY}`,
				});
			} finally {
				process.chdir(before);
			}
			return place;
		});
	});
}

/** overlayfs without an upper directory wants two, and takes the mode of the root from the uppermost. */
function lowerDirectories(store: Store, image: ReadyImage): readonly string[] {
	const { hex } = splitDigest(image.manifestDigest);
	mkdirSync(join(store.mounts, hex), { recursive: true, mode: 0o700 });
	const fs = new LayerFs(store.mounts);
	try {
		fs.setMetadata({ parent: '', name: hex }, image.root ?? DEFAULT_DIRECTORY);
	} finally {
		fs.close();
	}
	return [`../mounts/${hex}`, ...image.layerDirs.map(path => path.slice(store.layers.length + 1)).reverse()];
}

/** @throws TsrunError TSRUN_NOT_MOUNTED */
export function unmountImage(store: Store, target: string): void {
	const place = attempt({ code: 'TSRUN_NOT_MOUNTED', action: `find ${target}` }, () => realpathSync(target));
	if (!readImageMounts().some(({ mountpoint }) => mountpoint === place)) {
		const isMounted = parseMountinfo(readFileSync('/proc/self/mountinfo', 'utf8')).some(
			({ mountpoint }) => mountpoint === place,
		);
		throw new TsrunError('TSRUN_NOT_MOUNTED', `no image is mounted at ${place}`, {
			hint: isMounted ? 'another file system is' : 'nothing is',
		});
	}
	attempt({ code: 'TSRUN_MOUNT', action: `unmount ${place}`, hint: 'a process uses it' }, () =>
		umount2(place, UMOUNT_NOFOLLOW),
	);
	for (const name of unusedMountDirectories(store)) removeTreeAt(store.mounts, name);
}
