import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { isInUserNamespace } from '../native/is-in-user-namespace.ts';
import { probeSyscall } from '../native/syscalls.ts';
import type { HostFacts, NamespaceType } from '../plan/host-facts.ts';
import { cgroupLayout } from './cgroup-layout.ts';
import { parseEffectiveCapabilities } from './parse-effective-capabilities.ts';
import { parseKernelRelease } from './parse-kernel-release.ts';
import { parseMountinfo } from './parse-mountinfo.ts';
import { parseProcCgroup } from './parse-proc-cgroup.ts';
import { readCgroupFacts } from './read-cgroup-facts.ts';
import { readDevices, readPathKinds } from './read-path-facts.ts';
import { syscallFacts } from './syscall-facts.ts';

export interface ReadHostFactsRequest {
	/** Host paths that the configuration binds. */
	readonly paths: readonly string[];
	/** Device nodes of the host that the configuration names. */
	readonly devices: readonly string[];
	/** The container's cgroup below each mount: what its ancestors hold is read, where plans depend on it. */
	readonly cgroupsPath?: string;
}

const NAMESPACE_TYPES: readonly NamespaceType[] = ['mnt', 'uts', 'ipc', 'pid', 'net', 'user', 'cgroup', 'time'];
const CAP_SYS_ADMIN = 21n;

/** Looks at the host, as each `tsrun run` does: some twenty small reads and no process. */
export function readHostFacts({ paths, devices, cgroupsPath }: ReadHostFactsRequest): HostFacts {
	const kernel = parseKernelRelease(readFileSync('/proc/sys/kernel/osrelease', 'utf8').trim());
	const capabilities = parseEffectiveCapabilities(readFileSync('/proc/self/status', 'utf8'));
	const layout = cgroupLayout(
		parseMountinfo(readFileSync('/proc/self/mountinfo', 'utf8')),
		parseProcCgroup(readFileSync('/proc/self/cgroup', 'utf8')),
	);
	const namespaces = readdirSync('/proc/self/ns');
	return {
		kernel,
		arch: architecture(),
		uid: process.geteuid?.() ?? 0,
		gid: process.getegid?.() ?? 0,
		inUserNamespace: isInUserNamespace(),
		capabilities,
		lastCapability: Number(readFileSync('/proc/sys/kernel/cap_last_cap', 'utf8')),
		cgroup: readCgroupFacts({ layout, kernel, ...(cgroupsPath === undefined ? {} : { cgroupsPath }) }),
		namespaces: NAMESPACE_TYPES.filter(type => namespaces.includes(type)),
		syscalls: syscallFacts(probeSyscall, ((capabilities >> CAP_SYS_ADMIN) & 1n) === 1n),
		paths: readPathKinds(paths),
		devices: readDevices(devices),
		cpus: readList('/sys/devices/system/cpu/online'),
		memoryNodes: readList('/sys/devices/system/node/online'),
	};
}

function architecture(): HostFacts['arch'] {
	const { arch } = process;
	if (arch !== 'x64' && arch !== 'arm64') throw new Error(`tsrun is not built for ${arch}`);
	return arch;
}

/** A list of cpuset(7). Without NUMA there is no node directory, and one node. */
function readList(path: string): string {
	return existsSync(path) ? readFileSync(path, 'utf8').trim() : '0';
}
