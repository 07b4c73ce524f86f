import { existsSync, readFileSync } from 'node:fs';
import { join } from '../core/paths.ts';
import type {
	CgroupFacts,
	CgroupHierarchy,
	CpusetBase,
	FoundCgroup,
	HostFacts,
	UnifiedCgroup,
} from '../plan/host-facts.ts';
import type { CgroupLayout } from './cgroup-layout.ts';
import { pidsBelow } from './cgroup-pids.ts';
import { isFrozen } from './frozen.ts';

export interface ReadCgroupFactsRequest {
	readonly layout: CgroupLayout;
	readonly kernel: HostFacts['kernel'];
	/** The container's cgroup below each mount, if it is known: the cpusets on the way to it are read. */
	readonly cgroupsPath?: string;
}

/** Completes the layout with what only the control files tell: few reads, since each `tsrun run` makes them. */
export function readCgroupFacts({ layout, kernel, cgroupsPath }: ReadCgroupFactsRequest): CgroupFacts {
	const hierarchies = layout.hierarchies.map(withWeightFile);
	const cpuset = layout.hierarchies.find(hierarchy => hierarchy.controllers.includes('cpuset'));
	const base = cpuset === undefined ? undefined : readCpusetBase(cpuset.mountpoint, cgroupsPath ?? '/');
	const found = findCgroups(layout, cgroupsPath ?? '/');
	return {
		mode: layout.mode,
		...(layout.unified === undefined ? {} : { unified: readUnified(layout.unified, kernel) }),
		hierarchies,
		...(base === undefined ? {} : { cpuset: base }),
		...(found.length === 0 ? {} : { found }),
	};
}

/** What is at the container's place already, which is nothing as a rule. */
function findCgroups({ unified, hierarchies }: CgroupLayout, cgroupsPath: string): readonly FoundCgroup[] {
	if (cgroupsPath === '' || cgroupsPath === '/') return [];
	return [...(unified === undefined ? [] : [unified]), ...hierarchies]
		.map(({ mountpoint }) => join(mountpoint, cgroupsPath))
		.filter(path => existsSync(path))
		.map(path => ({ path, processes: pidsBelow(path).length, frozen: isFrozen(path) }));
}

function readUnified(place: NonNullable<CgroupLayout['unified']>, kernel: HostFacts['kernel']): UnifiedCgroup {
	const file = (name: string): string => join(place.mountpoint, name);
	const controllers = readWords(file('cgroup.controllers'));
	// Only a cgroup that is not the kernel's root has a type, and a process count that forbids to enable controllers.
	const confined = existsSync(file('cgroup.type')) && readFileSync(file('cgroup.procs'), 'utf8') !== '';
	return {
		mountpoint: place.mountpoint,
		controllers,
		hasKill: kernel.major > 5 || (kernel.major === 5 && kernel.minor >= 14) || existsSync(file('cgroup.kill')),
		writable: place.writable,
		delegate: delegated(),
		...(controllers.includes('io') ? { ioWeightFile: ioWeightFile(file) } : {}),
		...(confined ? { enabled: readWords(file('cgroup.subtree_control')) } : {}),
	};
}

/** Which files a cgroup's owner may have is the kernel's to say, since Linux 4.15. */
function delegated(): readonly string[] {
	const list = '/sys/kernel/cgroup/delegate';
	return existsSync(list) ? readWords(list) : ['cgroup.procs', 'cgroup.subtree_control', 'cgroup.threads'];
}

/** The kernel's root has no weights; there, the cost model of io.weight (blk-iocost) shows by its own file. */
function ioWeightFile(file: (name: string) => string): 'io.weight' | 'io.bfq.weight' {
	if (existsSync(file('io.bfq.weight'))) return 'io.bfq.weight';
	return existsSync(file('io.weight')) || existsSync(file('io.cost.qos')) ? 'io.weight' : 'io.bfq.weight';
}

/** blkio.weight went with the CFQ scheduler (Linux 5.0); it is in the root too, blkio.bfq.weight only below. */
function withWeightFile(hierarchy: CgroupHierarchy): CgroupHierarchy {
	if (!hierarchy.controllers.includes('blkio')) return hierarchy;
	const file = existsSync(join(hierarchy.mountpoint, 'blkio.weight')) ? 'blkio.weight' : 'blkio.bfq.weight';
	return { ...hierarchy, weightFile: file };
}

function readCpusetBase(mountpoint: string, cgroupsPath: string): CpusetBase | undefined {
	let base: CpusetBase | undefined;
	let path = '/';
	for (const part of ['', ...cgroupsPath.split('/').filter(name => name !== '')]) {
		path = join(path, part);
		const cpus = readIfThere(join(mountpoint, path, 'cpuset.cpus'));
		const mems = readIfThere(join(mountpoint, path, 'cpuset.mems'));
		if (cpus === undefined || mems === undefined) break;
		if (cpus !== '' && mems !== '') base = { path, cpus, mems };
	}
	return base;
}

function readIfThere(path: string): string | undefined {
	return existsSync(path) ? readFileSync(path, 'utf8').trim() : undefined;
}

function readWords(path: string): readonly string[] {
	return readFileSync(path, 'utf8')
		.split(/\s+/)
		.filter(word => word !== '');
}
