import type { RuntimeSpec } from '../oci/runtime-spec.ts';
import { sysctlPath } from '../oci/sysctl-path.ts';
import type { ProcWrite } from './own-proc.ts';

/** Kernel parameters of the container's namespaces (config-linux.md, "Sysctl"). */
export function sysctlWrites({ linux }: RuntimeSpec): readonly ProcWrite[] {
	return Object.entries(linux?.sysctl ?? {}).map(([key, data]) => ({
		path: `sys/${sysctlPath(key)}`,
		data,
		why: `set ${key}`,
		from: `/linux/sysctl/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`,
	}));
}
