import type { RuntimeSpec } from '../oci/runtime-spec.ts';
import { ERRNO } from './linux-constants.ts';
import type { Step } from './step.ts';

/** `linux.readonlyPaths` and `linux.maskedPaths` (config-linux.md); what the root does not have is left out. */
export function hiddenPathSteps(spec: RuntimeSpec): readonly Step[] {
	const readonlyPaths = (spec.linux?.readonlyPaths ?? []).map(
		(path, index): Step => ({
			op: 'readonlyInRoot',
			path,
			tolerate: [ERRNO.ENOENT],
			phase: 'security',
			why: 'the kernel’s settings cannot be changed from inside',
			from: `/linux/readonlyPaths/${index}`,
		}),
	);
	const masked = (spec.linux?.maskedPaths ?? []).map(
		(path, index): Step => ({
			op: 'maskInRoot',
			path,
			tolerate: [ERRNO.ENOENT],
			phase: 'security',
			why: 'what tells of the host is hidden',
			from: `/linux/maskedPaths/${index}`,
		}),
	);
	return [...readonlyPaths, ...masked];
}
