import type { RuntimeSpec } from '../oci/runtime-spec.ts';
import { requireSelinux } from './labels.ts';
import { MS } from './linux-constants.ts';
import type { SpecFacts } from './spec-facts.ts';
import type { Step } from './step.ts';

/** The kernel labels what is in these by itself, and takes no context for them. */
const LABELLED_BY_KERNEL = ['proc', 'sysfs', 'cgroup', 'cgroup2', 'mqueue'];
const NO_NEW_FILE_SYSTEM = MS.BIND | MS.REMOUNT | MS.MOVE | MS.SHARED | MS.SLAVE | MS.PRIVATE | MS.UNBINDABLE;

/**
 * The SELinux context of file systems that are made for the container (config-linux.md, "Mount Label"). Binds keep the labels that
 * their files have.
 * @throws TsrunError TSRUN_UNSUPPORTED where SELinux is not enabled
 */
export function labelMounts(steps: readonly Step[], { linux }: RuntimeSpec, { selinux }: SpecFacts): readonly Step[] {
	const label = linux?.mountLabel;
	if (label === undefined) return steps;
	requireSelinux(selinux, '/linux/mountLabel', `context ${label}`);
	return steps.map(step => {
		if (step.op === 'mountInRoot') {
			if ((Number(step.flags) & NO_NEW_FILE_SYSTEM) !== 0) return step;
			if (step.type === '' || LABELLED_BY_KERNEL.includes(step.type)) return step;
		} else if (step.op !== 'tmpfsInRoot') {
			return step;
		}
		return { ...step, data: [step.data, `context="${label}"`].filter(part => part !== '').join(',') };
	});
}
