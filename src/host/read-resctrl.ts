import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path/posix';
import type { IntelRdt } from '../oci/runtime-spec.ts';
import type { ResctrlFacts } from '../plan/spec-facts.ts';
import { parseMountinfo } from './parse-mountinfo.ts';

/** The resctrl file system of this mount namespace, if there is one (Documentation/filesystems/resctrl.rst). */
export function readResctrl({ closID }: IntelRdt): ResctrlFacts | undefined {
	const mount = parseMountinfo(readFileSync('/proc/self/mountinfo', 'utf8')).find(({ type }) => type === 'resctrl');
	return mount === undefined ? undefined : readResctrlAt(mount.mountpoint, closID);
}

export function readResctrlAt(mountpoint: string, closID: string | undefined): ResctrlFacts {
	const has = (feature: string): boolean => existsSync(join(mountpoint, 'info', feature));
	const schemata = closID === undefined ? undefined : join(mountpoint, closID, 'schemata');
	return {
		mountpoint,
		features: { cache: has('L3'), memoryBandwidth: has('MB'), monitoring: has('L3_MON') },
		...(schemata !== undefined && existsSync(schemata)
			? { group: { schemata: readFileSync(schemata, 'latin1') } }
			: {}),
	};
}
