import { lstatSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { VolumeName } from '../../core/volume-name.ts';
import type { Store } from '../../store/open-store.ts';
import {
	danglingLinks,
	readVolume,
	type VolumeRecord,
	volumeData,
	volumeDirectory,
	volumeNames,
} from '../../store/volume-record.ts';
import { type Finding, found } from './finding.ts';

/** Whether each volume has its record and its directory. What is in it is the containers', and nobody knows how it should be. */
export async function checkVolumes(store: Store, isRepairing: boolean): Promise<readonly Finding[]> {
	const dangling = danglingLinks(store);
	const findings: Finding[] = [];
	for (const name of volumeNames(store).filter(each => !dangling.includes(each))) {
		const what = `volumes/${name}`;
		if (!hasData(store, name)) {
			findings.push(
				await found({ kind: 'damage', what, problem: 'has no directory _data' }, isRepairing, {
					text: 'made again, empty',
					perform: () => mkdirSync(volumeData(store, name)),
				}),
			);
		}
		if (!isReadable(store, name)) {
			findings.push(
				await found({ kind: 'damage', what, problem: 'has no record that can be read' }, isRepairing, {
					text: 'has a new record, without labels',
					perform: () => writeRecord(store, name),
				}),
			);
		}
	}
	return findings;
}

function hasData(store: Store, name: VolumeName): boolean {
	return lstatSync(volumeData(store, name), { throwIfNoEntry: false })?.isDirectory() === true;
}

/** One that goes meanwhile is not damaged. */
function isReadable(store: Store, name: VolumeName): boolean {
	try {
		readVolume(store, name);
		return true;
	} catch {
		return false;
	}
}

function writeRecord(store: Store, name: VolumeName): void {
	const record: VolumeRecord = { version: 1, name, created: Date.now(), labels: {}, options: {} };
	writeFileSync(join(volumeDirectory(store, name), 'volume.json'), JSON.stringify(record), { mode: 0o600 });
}
