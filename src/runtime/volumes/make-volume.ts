import { chmodSync, existsSync, mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from '../../core/paths.ts';
import type { VolumeName } from '../../core/volume-name.ts';
import { removeTreeAt } from '../../rootfs/layer-fs.ts';
import type { Store } from '../../store/open-store.ts';
import { ANONYMOUS_LABEL, type VolumeRecord, volumeDirectory } from '../../store/volume-record.ts';
import { withWorkspace } from '../workspace.ts';

export interface NewVolume {
	readonly name: VolumeName;
	readonly isAnonymous: boolean;
	readonly labels?: Readonly<Record<string, string>>;
	readonly options?: Readonly<Record<string, string>>;
	/** Where it is to lie instead, and what then leads there. */
	readonly link?: { readonly path: string; readonly target: string };
}

/**
 * Makes a volume unless it is there: complete under another name first, so that nobody sees half of one.
 * @returns whether it was made
 */
export async function makeVolume(store: Store, volume: NewVolume): Promise<boolean> {
	const directory = volumeDirectory(store, volume.name);
	if (existsSync(directory)) return false;
	mkdirSync(store.volumes, { recursive: true, mode: 0o700 });
	if (volume.link !== undefined) {
		const place = join(store.volumes, volume.link.target);
		mkdirSync(join(place, '..'), { recursive: true, mode: 0o700 });
		mkdirSync(place, { mode: 0o700 });
		fill(place, volume);
		symlinkSync(volume.link.target, volume.link.path);
		return true;
	}
	return withWorkspace(store, ({ store: { tmp } }) => {
		const made = join(tmp, 'volume');
		mkdirSync(made, { mode: 0o700 });
		fill(made, volume);
		try {
			renameSync(made, directory);
			return true;
		} catch (error) {
			// another command was faster
			if (!['ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
			removeTreeAt(tmp, 'volume');
			return false;
		}
	});
}

/** `_data` is for everybody to enter, as docker makes it, whatever the umask. */
function fill(directory: string, { name, isAnonymous, labels = {}, options = {} }: NewVolume): void {
	const record: VolumeRecord = {
		version: 1,
		name,
		created: Date.now(),
		labels: { ...labels, ...(isAnonymous ? { [ANONYMOUS_LABEL]: '' } : {}) },
		options,
	};
	mkdirSync(join(directory, '_data'));
	chmodSync(join(directory, '_data'), 0o755);
	writeFileSync(join(directory, 'volume.json'), JSON.stringify(record), { mode: 0o600 });
}
