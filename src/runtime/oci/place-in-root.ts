import { closeSync, openSync, readlinkSync, realpathSync } from 'node:fs';
import { O_DIRECTORY, O_PATH, RESOLVE_IN_ROOT, RESOLVE_NO_MAGICLINKS } from '../../native/flags.ts';
import { openat2 } from '../../native/syscalls.ts';

/**
 * Where a destination leads in a root file system, its links followed inside of it: as the mount was made there. One that is not
 * there (below another mount) is taken as it stands.
 */
export function placeInRoot(rootfs: string, destination: string): string {
	const root = openSync(rootfs, O_PATH | O_DIRECTORY);
	try {
		const fd = openat2(root, destination, { flags: O_PATH, resolve: RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS });
		try {
			const place = readlinkSync(`/proc/self/fd/${fd}`);
			const inside = place.slice(realpathSync(rootfs).length);
			return inside === '' ? destination : inside;
		} finally {
			closeSync(fd);
		}
	} catch {
		return destination;
	} finally {
		closeSync(root);
	}
}
