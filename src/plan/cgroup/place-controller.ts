import { TsrunError } from '../../core/errors.ts';
import type { CgroupFacts } from '../host-facts.ts';
import type { CgroupVersion } from './cgroup-write.ts';
import { pointerWithFlag } from './flag-of-pointer.ts';

export interface ControllerName {
	/** Its name in v1 hierarchies and in cgroup2: they differ for block I/O. */
	readonly v1: string;
	readonly v2: string;
}

export interface ControllerPlace {
	readonly version: CgroupVersion;
	readonly mountpoint: string;
}

/**
 * Where a controller is: in a v1 hierarchy, else in cgroup2. A controller is in one of the two, never in both.
 * @throws TsrunError TSRUN_CGROUP_CONTROLLER_MISSING, naming the field that needs it
 */
export function placeController({ v1, v2 }: ControllerName, facts: CgroupFacts, from: string): ControllerPlace {
	const hierarchy = facts.hierarchies.find(({ controllers }) => controllers.includes(v1));
	if (hierarchy !== undefined) return { version: 1, mountpoint: hierarchy.mountpoint };
	const { unified } = facts;
	if (unified?.controllers.includes(v2) === true) return { version: 2, mountpoint: unified.mountpoint };
	throw controllerMissing(unified === undefined ? v1 : v2, facts, from);
}

/** The error for a controller that is nowhere. */
export function controllerMissing(name: string, facts: CgroupFacts, from: string): TsrunError {
	return new TsrunError(
		'TSRUN_CGROUP_CONTROLLER_MISSING',
		`${pointerWithFlag(from)} needs the cgroup controller ${name}, which this host does not offer`,
		{
			hint: hintFor(name, facts),
		},
	);
}

function hintFor(name: string, { mode, unified, hierarchies }: CgroupFacts): string {
	if (mode === 'denied')
		return 'this user may make no cgroup: leave the limit out, or name a linux.cgroupsPath that is the user’s';
	const offered = [...hierarchies.flatMap(hierarchy => hierarchy.controllers), ...(unified?.controllers ?? [])];
	const list = offered.filter(controller => !controller.startsWith('name=')).join(' ');
	const boot = name === 'memory' ? '; some kernels want cgroup_enable=memory on the kernel command line' : '';
	return `this host offers ${list === '' ? 'none' : list}${boot}`;
}
