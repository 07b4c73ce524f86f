import { TsrunError } from '../core/errors.ts';
import { hasMappedIds } from '../oci/mount-kind.ts';
import type { IdMapping, Mount, RuntimeSpec } from '../oci/runtime-spec.ts';
import type { HostFacts } from './host-facts.ts';
import { AT_RECURSIVE } from './linux-constants.ts';
import type { Step } from './step.ts';

/**
 * Host side: mounts whose ids are mapped (config.md, "mounts", `uidMappings`). Only who has CAP_SYS_ADMIN over the file system may map
 * its ids, and root of a user namespace has not; so for each, init has its turn up to that mount, and the supervisor sends it.
 */
export function mappedMountSteps(spec: RuntimeSpec, { syscalls }: HostFacts): readonly Step[] {
	return (spec.mounts ?? []).flatMap((mount, index): readonly Step[] => {
		if (!hasMappedIds(mount)) return [];
		const from = `/mounts/${index}`;
		if (!syscalls.mountSetattr) {
			throw new TsrunError(
				'TSRUN_KERNEL_TOO_OLD',
				`mapping the ids of a mount needs mount_setattr, which does not work on this host (config.json ${from})`,
				{ hint: 'boot a kernel of at least 5.12, or leave out the mappings and the option idmap' },
			);
		}
		return [
			{ op: 'turn', phase: 'mounts', why: `init makes the mounts before ${mount.destination}`, from },
			sendStep(mount, spec, from),
		];
	});
}

function sendStep({ source = '', options = [], ...mount }: Mount, { linux }: RuntimeSpec, from: string): Step {
	const isOwn = mount.uidMappings !== undefined && mount.uidMappings.length > 0;
	const { uidMappings = [], gidMappings = [] } = isOwn ? mount : (linux ?? {});
	const userns = isOwn ? undefined : linux?.namespaces?.find(({ type }) => type === 'user')?.path;
	return {
		op: 'sendMapped',
		source,
		treeFlags: options.includes('rbind') ? AT_RECURSIVE : 0,
		atFlags: options.includes('ridmap') ? AT_RECURSIVE : 0,
		userns: userns ?? '',
		uidMap: userns === undefined ? mapText(uidMappings) : '',
		gidMap: userns === undefined ? mapText(gidMappings) : '',
		phase: 'mounts',
		why: `${source} with other ids, as init may not map them`,
		from,
	};
}

/** The lines of /proc/[pid]/uid_map (user_namespaces(7)). */
function mapText(mappings: readonly IdMapping[]): string {
	return mappings.map(({ containerID, hostID, size }) => `${containerID} ${hostID} ${size}\n`).join('');
}
