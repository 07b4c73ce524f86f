import type { RuntimeSpec } from '../oci/runtime-spec.ts';
import { sysctlPath } from '../oci/sysctl-path.ts';
import type { Step } from './step.ts';

/**
 * Through a proc mount of tsrun's own; but a user namespace that shares the host's processes may not mount one, and has the
 * host's, which no image has touched yet.
 */
export function sysctlSteps(spec: RuntimeSpec, usesHostProc: boolean): readonly Step[] {
	const entries = Object.entries(spec.linux?.sysctl ?? {});
	if (entries.length === 0) return [];
	const ofKey = (key: string) => ({
		phase: 'process' as const,
		why: `set ${key}`,
		from: `/linux/sysctl/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`,
	});
	const pathOf = (key: string) => `sys/${sysctlPath(key)}`;
	if (usesHostProc) {
		return entries.map(([key, data]): Step => ({ op: 'write', path: `/proc/${pathOf(key)}`, data, ...ofKey(key) }));
	}
	return [
		{
			op: 'openProc',
			phase: 'process',
			why: 'a proc of tsrun’s own, that no mount can cover (CVE-2025-52881)',
			from: '/linux/sysctl',
		},
		...entries.map(([key, data]): Step => ({ op: 'writeProc', path: pathOf(key), data, ...ofKey(key) })),
	];
}
