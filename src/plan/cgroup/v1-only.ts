import { TsrunError } from '../../core/errors.ts';

/** The error for a field that cgroup v2 has nothing for: left out in silence it would look as if it held. */
export function v1Only(from: string): TsrunError {
	return new TsrunError('TSRUN_CGROUP_V1_ONLY', `${from} has no counterpart in cgroup v2`, {
		hint: 'leave it out on this host',
	});
}
