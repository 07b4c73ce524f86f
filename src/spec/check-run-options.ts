import type { SpecNamespaceType } from '../oci/runtime-spec.ts';
import { badFlag } from './bad-flag.ts';
import { HOST_GATEWAY, noGateway } from './host-gateway.ts';
import type { RunOptions } from './run-options.ts';
import { sysctlProblem } from './sysctl-problem.ts';

/** Docker's smallest memory limit: a process needs some pages to be started with. */
const MIN_MEMORY = 6 * 1024 * 1024;

type Check = (options: RunOptions) => void;

const CHECKS: readonly Check[] = [
	memoryIsEnough,
	reservationIsBelowMemory,
	swapGoesWithMemory,
	cpusStandAlone,
	hostnameNeedsOwnUts,
	namesAreNotSharedWithContainer,
	gatewayNeedsNetwork,
	portsNeedNetwork,
	destinationsAreUnique,
	subpathsHaveNoMappedIds,
	mappedIdsAreSomebodys,
	overlaysCanBeMounted,
	sysctlsAreNamespaced,
	removedIsNotRestarted,
];

/**
 * Looks at the flags together, where each alone is well formed. `--cpus` above what the host has is left to the caller, who knows
 * the host.
 * @throws TsrunError TSRUN_BAD_FLAG
 */
export function checkRunOptions(options: RunOptions): void {
	for (const check of CHECKS) check(options);
}

function memoryIsEnough({ resources }: RunOptions): void {
	for (const [flag, bytes] of [
		['--memory', resources.memory],
		['--memory-reservation', resources.memoryReservation],
	] as const) {
		if (bytes !== undefined && bytes < MIN_MEMORY) {
			throw badFlag(flag, String(bytes), {
				problem: 'is less than the 6 MiB a container needs',
				example: `${flag} 6m`,
			});
		}
	}
}

function reservationIsBelowMemory({ resources: { memory, memoryReservation } }: RunOptions): void {
	if (memory !== undefined && memoryReservation !== undefined && memoryReservation > memory) {
		throw badFlag('--memory-reservation', String(memoryReservation), { problem: `is more than --memory, ${memory}` });
	}
}

function swapGoesWithMemory({ resources: { memory, memorySwap } }: RunOptions): void {
	if (memorySwap === undefined) return;
	if (memory === undefined && memorySwap !== -1) {
		throw badFlag('--memory-swap', String(memorySwap), {
			problem: 'is given without --memory',
			example: '--memory 256m --memory-swap 512m',
		});
	}
	if (memory !== undefined && memorySwap !== -1 && memorySwap < memory) {
		throw badFlag('--memory-swap', String(memorySwap), {
			problem: `is less than --memory, ${memory}`,
			hint: 'it counts memory and swap together; the same number as --memory means no swap',
		});
	}
}

function cpusStandAlone({ resources: { nanoCpus, cpuPeriod, cpuQuota } }: RunOptions): void {
	if (nanoCpus === undefined || (cpuPeriod === undefined && cpuQuota === undefined)) return;
	const other = cpuPeriod === undefined ? '--cpu-quota' : '--cpu-period';
	throw badFlag('--cpus', String(nanoCpus / 1e9), { problem: `says the same as ${other}`, hint: 'give one of them' });
}

function hostnameNeedsOwnUts({ hostname, domainname, uts }: RunOptions): void {
	if (uts.kind === 'private') return;
	if (hostname !== undefined) throw badFlag('--hostname', hostname, { problem: 'would rename the owner of --uts' });
	if (domainname !== undefined)
		throw badFlag('--domainname', domainname, { problem: 'would rename the owner of --uts' });
}

function namesAreNotSharedWithContainer(options: RunOptions): void {
	if (options.network.kind !== 'container') return;
	const given = [
		['--hostname', options.hostname],
		['--add-host', options.addHosts[0]?.name],
		['--dns', options.dns[0]],
		['--dns-search', options.dnsSearch[0]],
		['--dns-option', options.dnsOptions[0]],
	] as const;
	for (const [flag, value] of given) {
		if (value !== undefined) {
			throw badFlag(flag, value, { problem: 'cannot be chosen with --network container:…, whose names are shared' });
		}
	}
}

function gatewayNeedsNetwork({ network, addHosts }: RunOptions): void {
	const found = addHosts.find(({ address }) => address === HOST_GATEWAY);
	if (found !== undefined && network.kind !== 'networks' && network.kind !== 'host') throw noGateway(found.name);
}

function portsNeedNetwork({ network, publish, publishAll }: RunOptions): void {
	const [first] = publish;
	if (network.kind === 'networks' || (first === undefined && !publishAll)) return;
	const [flag, value] =
		first === undefined ? ['--publish-all', 'true'] : ['--publish', `${first.port}/${first.protocol}`];
	throw badFlag(flag, value, {
		problem: 'needs a network with a bridge',
		hint:
			network.kind === 'host'
				? 'with --network host the ports of the container are those of the host'
				: 'leave out --network, or name a network',
	});
}

function destinationsAreUnique({ mounts }: RunOptions): void {
	const seen = new Set<string>();
	for (const { destination, kind } of mounts) {
		if (seen.has(destination)) {
			const flag = kind === 'tmpfs' ? '--tmpfs' : '--volume';
			throw badFlag(flag, destination, { problem: 'is the destination of two mounts' });
		}
		seen.add(destination);
	}
}

function removedIsNotRestarted({ rm, restart }: RunOptions): void {
	if (rm && restart.kind !== 'no') {
		throw badFlag('--restart', restart.kind, { problem: 'is given with --rm, which removes what would be restarted' });
	}
}

function subpathsHaveNoMappedIds({ mounts, userns }: RunOptions): void {
	const found = mounts.find(mount => mount.kind === 'volume' && mount.subpath !== undefined);
	if (found === undefined || userns.kind !== 'private') return;
	throw badFlag('--mount', found.destination, {
		problem: 'has a volume-subpath, which cannot be mounted with the ids of --userns private',
		hint: 'mount the whole volume',
	});
}

function mappedIdsAreSomebodys({ mounts, userns }: RunOptions): void {
	const found = mounts.find(mount => mount.kind === 'bind' && mount.idMap === 'container');
	if (found === undefined || userns.kind === 'private') return;
	throw badFlag('--volume', found.destination, {
		problem: 'has idmap, and the container has no ids of its own',
		hint: 'give --userns private, or say which ids: idmap=uids=1000-0-1;gids=1000-0-1',
	});
}

function overlaysCanBeMounted({ mounts, userns }: RunOptions): void {
	for (const mount of mounts) {
		if (mount.kind !== 'overlay') continue;
		if (userns.kind === 'private')
			throw badFlag('--volume', mount.destination, { problem: 'is an overlay, which has no ids of --userns private' });
		if (/[:,\\"]/.test(mount.source))
			throw badFlag('--volume', mount.source, { problem: 'has a character that an overlay cannot have in its source' });
	}
}

function sysctlsAreNamespaced(options: RunOptions): void {
	const own: Readonly<Partial<Record<SpecNamespaceType, boolean>>> = {
		ipc: options.ipc.kind === 'private' || options.ipc.kind === 'none',
		network: ['private', 'none', 'networks'].includes(options.network.kind),
		uts: options.uts.kind === 'private',
		user: options.userns.kind === 'private',
	};
	for (const [key, value] of Object.entries(options.sysctl)) {
		const problem = sysctlProblem(key, value, namespace => own[namespace] === true);
		if (problem !== undefined) throw badFlag('--sysctl', `${key}=${value}`, { problem });
	}
}
