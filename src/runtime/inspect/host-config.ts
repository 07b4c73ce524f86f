import type { RestartPolicy } from '../../core/restart-policy.ts';
import type { Resources, RuntimeSpec } from '../../oci/runtime-spec.ts';
import type { ExposedPort, PortRequest } from '../../spec/run-options.ts';
import type { ContainerState } from '../../state/container-state.ts';
import type { Joins } from '../life/stored-run.ts';

export interface HostConfigInput {
	readonly state: ContainerState;
	readonly spec: RuntimeSpec;
	/** Absent for a container that is not kept to be started again. */
	readonly joins?: Joins | undefined;
	readonly binds: readonly string[];
	/** As they were asked for. */
	readonly ports: readonly PortRequest[];
}

/** `.HostConfig` of `docker inspect`, as far as the specification of the container tells it. */
export function hostConfig({ state, spec, joins, binds, ports }: HostConfigInput): object {
	const { linux, process } = spec;
	return {
		Binds: binds.length === 0 ? null : binds,
		NetworkMode: networkMode(joins, spec),
		PortBindings: byPort(ports, each => ({ HostIp: each.hostAddress ?? '', HostPort: rangeText(each.hostPorts) })),
		RestartPolicy: restartPolicy(state.run?.restart ?? { kind: 'no' }),
		AutoRemove: state.autoRemove,
		ConsoleSize: [process?.consoleSize?.height ?? 0, process?.consoleSize?.width ?? 0],
		LogConfig: { Type: state.run?.log === undefined ? 'none' : 'k8s-file', Config: {} },
		CgroupnsMode: hasNamespace(spec, 'cgroup') ? 'private' : 'host',
		IpcMode: joins === undefined ? namespaceMode(spec, 'ipc') : modeText(joins.ipc),
		PidMode: joins === undefined ? namespaceMode(spec, 'pid') : modeText(joins.pid),
		UTSMode: joins === undefined ? namespaceMode(spec, 'uts') : modeText(joins.uts),
		UsernsMode: hasNamespace(spec, 'user') ? 'private' : 'host',
		OomScoreAdj: process?.oomScoreAdj ?? 0,
		ReadonlyRootfs: spec.root?.readonly ?? false,
		CgroupParent: (linux?.cgroupsPath ?? '').replace(/\/?[^/]*$/, ''),
		Capabilities: process?.capabilities?.bounding ?? [],
		MaskedPaths: linux?.maskedPaths ?? null,
		ReadonlyPaths: linux?.readonlyPaths ?? null,
		Sysctls: linux?.sysctl ?? null,
		Ulimits: (process?.rlimits ?? []).map(({ type, soft, hard }) => ({
			Name: type.replace(/^RLIMIT_/, '').toLowerCase(),
			Soft: soft,
			Hard: hard,
		})),
		...limits(linux?.resources ?? {}),
	};
}

/** Bytes, microseconds, and 0 for what is not limited. */
function limits({ memory, cpu, pids, blockIO }: Resources): object {
	return {
		Memory: memory?.limit ?? 0,
		MemorySwap: memory?.swap ?? 0,
		MemoryReservation: memory?.reservation ?? 0,
		MemorySwappiness: memory?.swappiness ?? null,
		OomKillDisable: memory?.disableOOMKiller ?? false,
		CpuShares: cpu?.shares ?? 0,
		CpuPeriod: cpu?.period ?? 0,
		CpuQuota: cpu?.quota ?? 0,
		CpusetCpus: cpu?.cpus ?? '',
		CpusetMems: cpu?.mems ?? '',
		PidsLimit: pids?.limit ?? null,
		BlkioWeight: blockIO?.weight ?? 0,
	};
}

/** docker's map of ports: `80/tcp` → all that there is of it. */
export function byPort<T extends ExposedPort>(
	ports: readonly T[],
	document: (port: T) => object,
): Readonly<Record<string, readonly object[]>> {
	const all: Record<string, object[]> = {};
	for (const each of ports) {
		const key = `${each.port}/${each.protocol}`;
		all[key] = [...(all[key] ?? []), document(each)];
	}
	return all;
}

/** Empty where any port will do. */
function rangeText({ first, last }: PortRequest['hostPorts']): string {
	if (first === 0) return '';
	return first === last ? String(first) : `${first}-${last}`;
}

function restartPolicy(policy: RestartPolicy): object {
	return { Name: policy.kind, MaximumRetryCount: policy.kind === 'on-failure' ? (policy.tries ?? 0) : 0 };
}

function networkMode(joins: Joins | undefined, spec: RuntimeSpec): string {
	if (joins === undefined) return hasNamespace(spec, 'network') ? 'none' : 'host';
	const mode = joins.network;
	return mode.kind === 'networks' ? (mode.networks[0]?.name ?? 'none') : modeText(mode);
}

function modeText(mode: Readonly<{ kind: string; container?: string; path?: string }>): string {
	if (mode.kind === 'container') return `container:${mode.container ?? ''}`;
	return mode.kind === 'path' ? `ns:${mode.path ?? ''}` : mode.kind;
}

const hasNamespace = ({ linux }: RuntimeSpec, type: string): boolean =>
	(linux?.namespaces ?? []).some(each => each.type === type);

const namespaceMode = (spec: RuntimeSpec, type: string): string => (hasNamespace(spec, type) ? 'private' : 'host');
