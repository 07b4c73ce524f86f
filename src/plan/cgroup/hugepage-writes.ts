import { TsrunError } from '../../core/errors.ts';
import type { Resources } from '../../oci/runtime-spec.ts';
import { ERRNO } from '../linux-constants.ts';
import { cgroupNumber } from './cgroup-number.ts';
import type { CgroupVersion, CgroupWrite } from './cgroup-write.ts';

/** Huge page limits (config-linux.md, "Huge page limits"): usage, and reservations where the kernel counts them (5.7). */
export function hugepageWrites(
	limits: NonNullable<Resources['hugepageLimits']>,
	version: CgroupVersion,
): readonly CgroupWrite[] {
	return limits.flatMap(({ pageSize, limit }, index) => {
		const from = `/linux/resources/hugepageLimits/${index}`;
		if (!/^[1-9]\d*[KMG]B$/.test(pageSize)) {
			throw new TsrunError(
				'TSRUN_BAD_RESOURCE',
				`${from}/pageSize ${JSON.stringify(pageSize.slice(0, 40))} is not a page size`,
				{
					hint: 'expected a number and KB, MB or GB, as in 2MB',
				},
			);
		}
		const end = version === 1 ? 'limit_in_bytes' : 'max';
		const value = cgroupNumber(limit, from);
		const why = `limit huge pages of ${pageSize} to ${value} bytes`;
		return [
			{ file: `hugetlb.${pageSize}.${end}`, value, from, why },
			{
				file: `hugetlb.${pageSize}.rsvd.${end}`,
				value,
				from,
				why: `${why}, reservations too`,
				tolerate: [ERRNO.ENOENT],
			},
		];
	});
}
