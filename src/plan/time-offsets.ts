import type { RuntimeSpec } from '../oci/runtime-spec.ts';
import { CLONE } from './linux-constants.ts';
import type { Step } from './step.ts';

/** Offsets can be set only while no process is in the new time namespace (time_namespaces(7)): children enter it, we do not. */
export function timeSteps(spec: RuntimeSpec): readonly Step[] {
	const offsets = Object.entries(spec.linux?.timeOffsets ?? {}).map(
		([clock, { secs = 0, nanosecs = 0 }]) => `${clock} ${secs} ${nanosecs}\n`,
	);
	const unshare: Step = {
		op: 'unshare',
		flags: CLONE.NEWTIME,
		phase: 'namespaces',
		why: 'give init its own boot and monotonic clocks',
		from: '/linux/namespaces',
	};
	if (offsets.length === 0) return [unshare];
	return [
		unshare,
		{
			op: 'write',
			path: '/proc/self/timens_offsets',
			data: offsets.join(''),
			phase: 'namespaces',
			why: 'set the clocks of the time namespace',
			from: '/linux/timeOffsets',
		},
	];
}
