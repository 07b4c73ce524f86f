import type { Seccomp } from '../oci/runtime-spec.ts';
import { defaultSeccomp } from './default-seccomp.ts';
import { resolveSeccompProfile } from './resolve-seccomp-profile.ts';
import type { SpecInput } from './spec-input.ts';

/** The filter of the container, or undefined for none: a privileged one has a filter only when a profile is named, as with docker. */
export function specSeccomp(
	{ options, host, seccompProfile }: SpecInput,
	capabilities: readonly string[],
): Seccomp | undefined {
	const { arch, kernel } = host;
	switch (options.seccomp.kind) {
		case 'unconfined':
			return undefined;
		case 'file':
			return resolveSeccompProfile(seccompProfile, { name: options.seccomp.path, capabilities, arch, kernel });
		case 'default':
			return options.privileged ? undefined : defaultSeccomp({ capabilities, arch, kernel });
	}
}
