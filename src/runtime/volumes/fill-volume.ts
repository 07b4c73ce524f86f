import { closeSync, fchmodSync, fchownSync, mkdirSync, openSync, readdirSync } from 'node:fs';
import { TsrunError } from '../../core/errors.ts';
import { join } from '../../core/paths.ts';
import type { VolumeName } from '../../core/volume-name.ts';
import {
	fsetxattr,
	futimens,
	O_CLOEXEC,
	O_DIRECTORY,
	O_NOFOLLOW,
	O_RDONLY,
	RENAME_NOREPLACE,
	renameat2,
} from '../../native/syscalls.ts';
import { copyUp } from '../../rootfs/copy-up.ts';
import type { Metadata } from '../../rootfs/layer-entry.ts';
import { bytesOf } from '../../rootfs/layer-fs.ts';
import type { Store } from '../../store/open-store.ts';
import { withLock } from '../../store/with-lock.ts';
import { withWorkspace } from '../workspace.ts';

export interface Filling {
	readonly name: VolumeName;
	/** Its directory. */
	readonly data: string;
	/** Layers of the image, top first, and the path of the directory there. */
	readonly layers: readonly string[];
	readonly source: string;
}

const A_DIRECTORY = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

/**
 * Gives an empty volume what the image has at its place, with owners and modes; one that holds anything stays as it is
 * (CVE-2020-1726). The copy is made where no container sees it, and moved name by name: who has the volume mounted already can lead
 * it nowhere else. One command at a time fills a volume.
 * @throws TsrunError TSRUN_VOLUME_NOT_FILLED
 */
export function fillVolume(store: Store, filling: Filling): Promise<void> {
	return withLock(store, { name: `volume-${filling.name}`, kind: 'exclusive' }, async () => {
		const data = openSync(filling.data, A_DIRECTORY);
		try {
			if (namesIn(data).length > 0) return;
			await withWorkspace(store, ({ store: { tmp } }) => moveCopy(tmp, data, filling));
		} finally {
			closeSync(data);
		}
	});
}

function moveCopy(tmp: string, data: number, { name, layers, source }: Filling): void {
	const staged = join(tmp, 'copy');
	mkdirSync(staged, { mode: 0o700 });
	const metadata = copyUp({ layers, source, target: staged });
	if (metadata === undefined) return;
	const from = openSync(staged, A_DIRECTORY);
	try {
		describe(data, metadata);
		for (const each of namesIn(from)) renameat2(from, bytesOf(each), data, bytesOf(each), RENAME_NOREPLACE);
		futimens(data, metadata.mtimeSec, metadata.mtimeNsec);
	} catch (error) {
		const { code, message } = error as NodeJS.ErrnoException;
		// a container that has the volume already was faster
		if (code === 'EEXIST') return;
		if (code !== 'EXDEV') throw error;
		throw new TsrunError(
			'TSRUN_VOLUME_NOT_FILLED',
			`volume ${name} cannot be filled with what the image has: ${message}`,
			{
				hint: 'another file system is mounted there; nocopy leaves the volume as it is',
				cause: error,
			},
		);
	} finally {
		closeSync(from);
	}
}

function describe(fd: number, { uid, gid, mode, xattrs }: Metadata): void {
	fchownSync(fd, uid, gid);
	fchmodSync(fd, mode);
	for (const [name, value] of xattrs) {
		try {
			fsetxattr(fd, name, value);
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== 'EOPNOTSUPP') throw error;
		}
	}
}

function namesIn(fd: number): readonly string[] {
	return readdirSync(`/proc/self/fd/${fd}`, { encoding: 'latin1' });
}
