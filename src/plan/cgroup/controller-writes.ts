import type { RuntimeSpec } from '../../oci/runtime-spec.ts';
import type { HostFacts } from '../host-facts.ts';
import { blockIOWrites } from './block-io-writes.ts';
import type { CgroupVersion, CgroupWrite } from './cgroup-write.ts';
import { cpuWrites } from './cpu-writes.ts';
import { cpusetWrites } from './cpuset-writes.ts';
import { hugepageWrites } from './hugepage-writes.ts';
import { memoryWrites } from './memory-writes.ts';
import { netClassWrites, netPriorityWrites } from './network-writes.ts';
import { pidsWrites } from './pids-writes.ts';
import { type ControllerName, controllerMissing, placeController } from './place-controller.ts';
import { rdmaWrites } from './rdma-writes.ts';
import { controllerOfFile, unifiedWrites } from './unified-writes.ts';

/** A value for one file, and the hierarchy that the file is in. */
export interface PlacedWrite extends CgroupWrite {
	readonly version: CgroupVersion;
	readonly mountpoint: string;
	/** The controller by its name in that hierarchy; absent for what every cgroup has. */
	readonly controller?: string;
}

interface Section {
	readonly controller: ControllerName;
	readonly writes: (version: CgroupVersion) => readonly CgroupWrite[];
}

/**
 * All that `linux.resources` writes, device rules apart, in the order of writing; `unified` comes last and so has the last word.
 * @throws TsrunError TSRUN_CGROUP_CONTROLLER_MISSING and those of each controller
 */
export function controllerWrites(spec: RuntimeSpec, facts: HostFacts): readonly PlacedWrite[] {
	const sections = sectionsOf(spec, facts).flatMap(section => placeSection(section, facts));
	return [...sections, ...placeUnified(spec, facts)];
}

function sectionsOf(spec: RuntimeSpec, facts: HostFacts): readonly Section[] {
	const { cpu = {}, memory = {}, pids, blockIO = {}, ...rest } = spec.linux?.resources ?? {};
	const { hugepageLimits = [], network = {}, rdma = {} } = rest;
	const same = (name: string): ControllerName => ({ v1: name, v2: name });
	return [
		{ controller: same('cpuset'), writes: () => cpusetWrites(cpu, facts) },
		{ controller: same('cpu'), writes: version => cpuWrites(cpu, version) },
		{ controller: same('memory'), writes: version => memoryWrites(memory, version) },
		{ controller: same('pids'), writes: () => (pids === undefined ? [] : pidsWrites(pids)) },
		{ controller: { v1: 'blkio', v2: 'io' }, writes: version => blockIOWrites(blockIO, version, facts.cgroup) },
		{ controller: same('hugetlb'), writes: version => hugepageWrites(hugepageLimits, version) },
		{ controller: same('net_cls'), writes: () => netClassWrites(network) },
		{ controller: same('net_prio'), writes: () => netPriorityWrites(network) },
		{ controller: same('rdma'), writes: () => rdmaWrites(rdma) },
	];
}

function placeSection({ controller, writes }: Section, facts: HostFacts): readonly PlacedWrite[] {
	// Which version is asked does not change whether anything is written, only what.
	const asked = writes(facts.cgroup.hierarchies.some(({ controllers }) => controllers.includes(controller.v1)) ? 1 : 2);
	const [first] = asked;
	if (first === undefined) return [];
	const { version, mountpoint } = placeController(controller, facts.cgroup, first.from);
	return asked.map(write => ({
		...write,
		version,
		mountpoint,
		controller: version === 1 ? controller.v1 : controller.v2,
	}));
}

function placeUnified(spec: RuntimeSpec, { cgroup }: HostFacts): readonly PlacedWrite[] {
	const { unified } = cgroup;
	return unifiedWrites(spec.linux?.resources?.unified ?? {}).map(write => {
		const controller = controllerOfFile(write.file);
		if (unified === undefined || (controller !== undefined && !unified.controllers.includes(controller))) {
			throw controllerMissing(controller ?? 'cgroup2', cgroup, `invalid configuration: ${write.from}`);
		}
		const { mountpoint } = unified;
		return { ...write, version: 2, mountpoint, ...(controller === undefined ? {} : { controller }) };
	});
}
