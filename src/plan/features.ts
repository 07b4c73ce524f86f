import { CAPABILITIES } from '../oci/capabilities.ts';
import { MEMORY_POLICY_FLAGS, MEMORY_POLICY_MODES } from '../oci/memory-policy.ts';
import { HOOK_NAMES, OCI_VERSION } from '../oci/runtime-spec.ts';
import { knownMountOptions } from './mount-options.ts';
import { NAMESPACE_FLAGS } from './namespaces.ts';
import { ACTION_NAMES } from './seccomp/actions.ts';
import { ARCHITECTURE_NAMES } from './seccomp/architectures.ts';
import { OPERATORS } from './seccomp/conditions.ts';
import { COMMON_FLAG_NAMES, FLAG_NAMES } from './seccomp/filter-flags.ts';

/** runtime-spec features.md and features-linux.md. Lists are sorted, as runc's are. */
export interface Features {
	readonly ociVersionMin: string;
	readonly ociVersionMax: string;
	readonly hooks: readonly string[];
	readonly mountOptions: readonly string[];
	readonly linux: {
		readonly namespaces: readonly string[];
		readonly capabilities: readonly string[];
		readonly cgroup: Readonly<Record<'v1' | 'v2' | 'systemd' | 'systemdUser' | 'rdma', boolean>>;
		readonly seccomp: {
			readonly enabled: boolean;
			readonly actions: readonly string[];
			readonly operators: readonly string[];
			readonly archs: readonly string[];
			readonly knownFlags: readonly string[];
			readonly supportedFlags: readonly string[];
		};
		readonly apparmor: Enabled;
		readonly selinux: Enabled;
		readonly intelRdt: Enabled & { readonly schemata: boolean; readonly monitoring: boolean };
		readonly memoryPolicy: { readonly modes: readonly string[]; readonly flags: readonly string[] };
		readonly mountExtensions: { readonly idmap: Enabled };
		readonly netDevices: Enabled;
	};
	readonly annotations: Readonly<Record<string, string>>;
	readonly potentiallyUnsafeConfigAnnotations: readonly string[];
}

interface Enabled {
	readonly enabled: boolean;
}

/**
 * What this version recognises in a configuration, whatever the host has: from the tables of the compiler itself, so that it
 * cannot promise what `create` refuses.
 */
export function describeFeatures(version: string): Features {
	return {
		ociVersionMin: '1.0.0',
		ociVersionMax: OCI_VERSION,
		hooks: HOOK_NAMES,
		mountOptions: knownMountOptions(),
		linux: {
			namespaces: Object.keys(NAMESPACE_FLAGS).toSorted(),
			capabilities: CAPABILITIES,
			cgroup: { v1: true, v2: true, systemd: true, systemdUser: false, rdma: true },
			seccomp: {
				enabled: true,
				actions: ACTION_NAMES.toSorted(),
				operators: OPERATORS.toSorted(),
				archs: ARCHITECTURE_NAMES.toSorted(),
				knownFlags: FLAG_NAMES.toSorted(),
				supportedFlags: COMMON_FLAG_NAMES.toSorted(),
			},
			apparmor: { enabled: true },
			selinux: { enabled: true },
			intelRdt: { enabled: true, schemata: true, monitoring: true },
			memoryPolicy: {
				modes: Object.keys(MEMORY_POLICY_MODES).toSorted(),
				flags: Object.keys(MEMORY_POLICY_FLAGS).toSorted(),
			},
			mountExtensions: { idmap: { enabled: true } },
			netDevices: { enabled: true },
		},
		annotations: { 'org.tsrun.version': version },
		potentiallyUnsafeConfigAnnotations: [],
	};
}
