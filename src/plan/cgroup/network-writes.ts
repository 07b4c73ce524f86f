import { TsrunError } from '../../core/errors.ts';
import type { Resources } from '../../oci/runtime-spec.ts';
import { cgroupNumber } from './cgroup-number.ts';
import type { CgroupWrite } from './cgroup-write.ts';

type Network = NonNullable<Resources['network']>;

const POINTER = '/linux/resources/network';

/** The tag of the container's packets (config-linux.md, "Network"; cgroup-v1/net_cls.rst). 0 is unset. */
export function netClassWrites({ classID = 0 }: Network): readonly CgroupWrite[] {
	if (classID === 0) return [];
	const from = `${POINTER}/classID`;
	return [{ file: 'net_cls.classid', value: cgroupNumber(classID, from), from, why: `tag packets with ${classID}` }];
}

/**
 * The priority of packets by the interface that they leave by (cgroup-v1/net_prio.rst).
 * @throws TsrunError TSRUN_BAD_RESOURCE
 */
export function netPriorityWrites({ priorities = [] }: Network): readonly CgroupWrite[] {
	return priorities.map(({ name, priority }, index) => {
		const from = `${POINTER}/priorities/${index}`;
		if (!/^[^\s/]{1,15}$/.test(name)) {
			throw new TsrunError('TSRUN_BAD_RESOURCE', `${from}/name ${JSON.stringify(name.slice(0, 40))} is no interface`, {
				hint: 'expected a name such as eth0',
			});
		}
		const value = `${name} ${cgroupNumber(priority, from)}`;
		return { file: 'net_prio.ifpriomap', value, from, why: `priority ${priority} for packets by ${name}` };
	});
}
