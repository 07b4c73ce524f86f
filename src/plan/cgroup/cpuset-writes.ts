import { TsrunError } from '../../core/errors.ts';
import type { Resources } from '../../oci/runtime-spec.ts';
import type { HostFacts } from '../host-facts.ts';
import type { CgroupWrite } from './cgroup-write.ts';

type Cpu = NonNullable<Resources['cpu']>;
type Range = readonly [first: number, last: number];

const LIST = /^\d{1,9}(-\d{1,9})?(,\d{1,9}(-\d{1,9})?)*$/;
const FIELDS = {
	cpus: { flag: '--cpuset-cpus', things: 'CPUs' },
	mems: { flag: '--cpuset-mems', things: 'memory nodes' },
} as const;

/**
 * CPUs and memory nodes (cpuset(7)). Ranges are compared, never spelled out: `0-2147483647` once ate a daemon's memory
 * (CVE-2018-20699).
 * @throws TsrunError TSRUN_BAD_CPUSET
 */
export function cpusetWrites({ cpus = '', mems = '' }: Cpu, facts: HostFacts): readonly CgroupWrite[] {
	return [...setWrites('cpus', cpus, facts.cpus), ...setWrites('mems', mems, facts.memoryNodes)];
}

function setWrites(field: 'cpus' | 'mems', list: string, available: string): readonly CgroupWrite[] {
	if (list === '') return [];
	const from = `/linux/resources/cpu/${field}`;
	checkSet(list, available, { from, ...FIELDS[field] });
	return [{ file: `cpuset.${field}`, value: list, from, why: `run on ${FIELDS[field].things} ${list}` }];
}

function checkSet(
	list: string,
	available: string,
	{ from, flag, things }: { readonly from: string; readonly flag: string; readonly things: string },
): void {
	const shown = JSON.stringify(list.slice(0, 80));
	const hint = `this host has ${available}`;
	if (!LIST.test(list)) {
		throw new TsrunError('TSRUN_BAD_CPUSET', `${things} ${shown} of ${from} (${flag}) are not a list such as 0-2,4`, {
			hint,
		});
	}
	const offered = rangesOf(available);
	const missing = rangesOf(list).find(
		([first, last]) => first > last || !offered.some(([low, high]) => low <= first && last <= high),
	);
	if (missing !== undefined && offered.length > 0) {
		throw new TsrunError('TSRUN_BAD_CPUSET', `${things} ${shown} of ${from} (${flag}) are not all there`, { hint });
	}
}

function rangesOf(list: string): readonly Range[] {
	if (!LIST.test(list)) return [];
	return list.split(',').map(range => {
		const [first = 0, last = first] = range.split('-').map(Number);
		return [first, last];
	});
}
