import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TsrunError } from '../../core/errors.ts';
import { attempt } from '../../core/system-failure.ts';
import { parseMountinfo } from '../../host/parse-mountinfo.ts';

/** `--l3-cache-schema` and `--mem-bw-schema`: lines for a schemata file (Documentation/filesystems/resctrl.rst). */
export interface RdtSchemas {
	readonly l3Cache?: string;
	readonly memoryBandwidth?: string;
}

/**
 * Gives a container a resctrl group with these schemas.
 * @throws TsrunError TSRUN_NO_RDT, in runc's words, where the processor or the kernel has no such control
 */
export function updateRdt(id: string, init: number, { l3Cache, memoryBandwidth }: RdtSchemas): void {
	if (l3Cache === undefined && memoryBandwidth === undefined) return;
	const mounts = parseMountinfo(readFileSync('/proc/self/mountinfo', 'utf8'));
	const root = mounts.find(({ type }) => type === 'resctrl')?.mountpoint ?? '/sys/fs/resctrl';
	const has = (resource: string): boolean => existsSync(join(root, 'info', resource));
	if (l3Cache !== undefined && !has('L3')) throw noRdt('Intel RDT/CAT: l3 cache schema is not enabled');
	if (memoryBandwidth !== undefined && !has('MB')) throw noRdt('Intel RDT/MBA: memory bandwidth schema is not enabled');
	const group = join(root, id);
	attempt({ code: 'TSRUN_RDT', action: `set the schemas of ${group}` }, () => {
		mkdirSync(group, { recursive: true });
		writeFileSync(join(group, 'tasks'), String(init), { flag: 'r+' });
		const schemas = [l3Cache, memoryBandwidth].filter(schema => schema !== undefined);
		writeFileSync(join(group, 'schemata'), `${schemas.join('\n')}\n`, { flag: 'r+' });
	});
}

function noRdt(message: string): TsrunError {
	return new TsrunError('TSRUN_NO_RDT', message, { hint: 'mount it: mount -t resctrl resctrl /sys/fs/resctrl' });
}
