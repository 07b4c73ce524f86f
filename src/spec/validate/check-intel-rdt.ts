import type { RuntimeSpec } from '../../oci/runtime-spec.ts';
import { badConfig, shortly } from './bad-config.ts';

/** config-linux.md, "IntelRdt". The name becomes a directory of resctrl; `/` is the root itself. */
export function checkIntelRdt(spec: RuntimeSpec): void {
	const rdt = spec.linux?.intelRdt;
	if (rdt === undefined) return;
	const pointer = '/linux/intelRdt';
	const { closID, memBwSchema } = rdt;
	if (closID !== undefined && closID !== '/' && (/[/\n]/.test(closID) || closID === '.' || closID === '..')) {
		throw badConfig(`${pointer}/closID`, `${shortly(closID)} is no name of a group`);
	}
	const lines = [
		['l3CacheSchema', rdt.l3CacheSchema],
		['memBwSchema', memBwSchema],
		...(rdt.schemata ?? []).map((line, index) => [`schemata/${index}`, line] as const),
	] as const;
	for (const [field, line] of lines) {
		if (line?.includes('\n')) throw badConfig(`${pointer}/${field}`, `${shortly(line)} has a line break`);
	}
	if (memBwSchema !== undefined && !memBwSchema.startsWith('MB:')) {
		throw badConfig(`${pointer}/memBwSchema`, `${shortly(memBwSchema)} does not begin with MB:`);
	}
}
