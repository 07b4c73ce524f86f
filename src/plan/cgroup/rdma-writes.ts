import { TsrunError } from '../../core/errors.ts';
import type { Resources } from '../../oci/runtime-spec.ts';
import { cgroupNumber } from './cgroup-number.ts';
import type { CgroupWrite } from './cgroup-write.ts';

/**
 * Handles and objects of RDMA devices (config-linux.md, "RDMA"; cgroup-v1/rdma.rst), the same file in both versions.
 * @throws TsrunError TSRUN_BAD_RESOURCE
 */
export function rdmaWrites(rdma: NonNullable<Resources['rdma']>): readonly CgroupWrite[] {
	return Object.entries(rdma).flatMap(([device, { hcaHandles, hcaObjects }]) => {
		const from = `/linux/resources/rdma/${device.replaceAll('~', '~0').replaceAll('/', '~1')}`;
		if (!/^[\w.-]{1,63}$/.test(device)) {
			throw new TsrunError('TSRUN_BAD_RESOURCE', `${JSON.stringify(device.slice(0, 80))} is no RDMA device`, {
				hint: 'expected a name of /sys/class/infiniband, such as mlx5_1',
			});
		}
		const limits = [
			...(hcaHandles === undefined ? [] : [`hca_handle=${cgroupNumber(hcaHandles, from)}`]),
			...(hcaObjects === undefined ? [] : [`hca_object=${cgroupNumber(hcaObjects, from)}`]),
		];
		if (limits.length === 0) return [];
		return [{ file: 'rdma.max', value: [device, ...limits].join(' '), from, why: `limit the RDMA device ${device}` }];
	});
}
