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

export interface RdtUpdate {
	/** Of the container: the name of its group. */
	readonly id: string;
	/** Pid of its first process. */
	readonly init: number;
	readonly schemas: RdtSchemas;
	/** Mount point of resctrl. */
	readonly root?: string;
}

/**
 * Gives a container a resctrl group with these schemas.
 * @throws TsrunError TSRUN_NO_RDT, in runc's words, where the processor or the kernel has no such control
 */
export function updateRdt({ id, init, schemas: { l3Cache, memoryBandwidth }, root = resctrlRoot() }: RdtUpdate): void {
	if (l3Cache !== undefined) requireResource(root, 'L3', 'Intel RDT/CAT: l3 cache schema is not enabled');
	if (memoryBandwidth !== undefined)
		requireResource(root, 'MB', 'Intel RDT/MBA: memory bandwidth schema is not enabled');
	const schemas = [l3Cache, memoryBandwidth].filter(schema => schema !== undefined);
	if (schemas.length === 0) return;
	const group = join(root, id);
	attempt({ code: 'TSRUN_RDT', action: `set the schemas of ${group}` }, () => {
		mkdirSync(group, { recursive: true });
		writeFileSync(join(group, 'tasks'), String(init), { flag: 'r+' });
		writeFileSync(join(group, 'schemata'), `${schemas.join('\n')}\n`, { flag: 'r+' });
	});
}

function resctrlRoot(): string {
	const mounts = parseMountinfo(readFileSync('/proc/self/mountinfo', 'utf8'));
	return mounts.find(({ type }) => type === 'resctrl')?.mountpoint ?? '/sys/fs/resctrl';
}

function requireResource(root: string, resource: string, message: string): void {
	if (existsSync(join(root, 'info', resource))) return;
	throw new TsrunError('TSRUN_NO_RDT', message, {
		hint: 'the processor has it not, or resctrl is not mounted: mount -t resctrl resctrl /sys/fs/resctrl',
	});
}
