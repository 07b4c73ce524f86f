import type { RuntimeSpec } from '../../oci/runtime-spec.ts';
import { badConfig, shortly } from './bad-config.ts';

/** Each is written as one line, and the context of mounts stands in quotes among their options. */
export function checkLabels({ process, linux }: RuntimeSpec): void {
	const labels = [
		['/process/apparmorProfile', process?.apparmorProfile],
		['/process/selinuxLabel', process?.selinuxLabel],
		['/linux/mountLabel', linux?.mountLabel],
	] as const;
	for (const [pointer, label] of labels) {
		if (label !== undefined && /[\n\r"\\]/.test(label)) {
			throw badConfig(pointer, `${shortly(label)} has a quote, a backslash or a line break`);
		}
	}
}
