import type { RuntimeSpec } from '../oci/runtime-spec.ts';
import type { HostFacts } from './host-facts.ts';
import type { Step } from './step.ts';

const CAP_SETGID = 6n;

/**
 * The ids of a user namespace (user_namespaces(7)). Whoever may map any group keeps setgroups(2) for the container; for others
 * it is denied first, since groups may be there to deny access (CVE-2014-8989).
 */
export function idMapSteps({ linux }: RuntimeSpec, { capabilities }: Pick<HostFacts, 'capabilities'>): readonly Step[] {
	const deny: Step = {
		op: 'writeInit',
		file: 'setgroups',
		data: 'deny',
		phase: 'namespaces',
		why: 'without CAP_SETGID groups are mapped only where none can be dropped (CVE-2014-8989)',
		from: '/linux/gidMappings',
	};
	const maps = (['uid', 'gid'] as const).map(
		(kind): Step => ({
			op: 'writeInit',
			file: `${kind}_map`,
			data: (linux?.[`${kind}Mappings`] ?? [])
				.map(({ containerID, hostID, size }) => `${containerID} ${hostID} ${size}\n`)
				.join(''),
			phase: 'namespaces',
			why: `give the user namespace its ${kind}s`,
			from: `/linux/${kind}Mappings`,
		}),
	);
	return mayMapGroups(capabilities) ? maps : [deny, ...maps];
}

export const mayMapGroups = (capabilities: bigint): boolean => ((capabilities >> CAP_SETGID) & 1n) === 1n;
