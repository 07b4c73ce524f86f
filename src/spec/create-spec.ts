import { join, normalPath } from '../core/paths.ts';
import type { Linux, Process, RuntimeSpec } from '../oci/runtime-spec.ts';
import { checkSpec } from './check-spec.ts';
import { containerCommand } from './container-command.ts';
import { containerEnv } from './container-env.ts';
import { containerHostname } from './container-hostname.ts';
import { MASKED_PATHS, READONLY_PATHS } from './default-paths.ts';
import { requireNoNul } from './require-no-nul.ts';
import { specCapabilities } from './spec-capabilities.ts';
import { specDevices } from './spec-devices.ts';
import type { SpecInput } from './spec-input.ts';
import { rootfsPropagation, specMounts } from './spec-mounts.ts';
import { specMappings, specNamespaces } from './spec-namespaces.ts';
import { specResources } from './spec-resources.ts';
import { specSeccomp } from './spec-seccomp.ts';
import { specSysctl } from './spec-sysctl.ts';

/** `"true"`: pid 1 is tsrun's reaper (`--init`). Set from the flag alone, never from an image (CVE-2026-53488). */
export const INIT_ANNOTATION = 'org.tsrun.init';

/** The first with recursive mount options; older peers refuse higher ones. */
const OCI_VERSION = '1.1.0';
const DEFAULT_CGROUP_PARENT = '/tsrun';

/**
 * The runtime configuration of `tsrun run`: docker's defaults, the image's settings over them, the flags over both. The options have passed
 * checkRunOptions.
 * @throws TsrunError TSRUN_NO_COMMAND, TSRUN_BAD_FLAG (a device that is none), TSRUN_BAD_SECCOMP_PROFILE, TSRUN_BAD_IMAGE, and
 * TSRUN_BAD_CONFIG where the parts do not fit together
 */
export function createSpec(input: SpecInput): RuntimeSpec {
	const { options, rootfs } = input;
	const hasOwnPid1 = options.pid.kind === 'private';
	const spec: RuntimeSpec = {
		ociVersion: OCI_VERSION,
		process: payload(input),
		root: { path: rootfs, readonly: options.readOnly },
		...(options.uts.kind === 'private' ? names(input) : {}),
		mounts: specMounts(input),
		...(options.init && hasOwnPid1 ? { annotations: { [INIT_ANNOTATION]: 'true' } } : {}),
		linux: linux(input),
	};
	requireNoNul(spec);
	checkSpec(spec);
	return spec;
}

function names({ options, id, host }: SpecInput): Pick<RuntimeSpec, 'hostname' | 'domainname'> {
	const hostname = containerHostname(options, id, host.hostname);
	return options.domainname === undefined ? { hostname } : { hostname, domainname: options.domainname };
}

function payload({ image, options, args, user, terminalSize, id, host }: SpecInput): Process {
	const capabilities = specCapabilities(options, availableCapabilities(options, host));
	return {
		terminal: options.tty,
		...(options.tty && terminalSize !== undefined ? { consoleSize: terminalSize } : {}),
		user: { uid: user.uid, gid: user.gid, additionalGids: user.additionalGids },
		args: containerCommand({ image, entrypoint: options.entrypoint, args }),
		env: containerEnv({
			hostname: containerHostname(options, id, host.hostname),
			tty: options.tty,
			home: user.home,
			image: image.env,
			options: options.env,
		}),
		cwd: options.workdir ?? imageWorkdir(image.workingDir),
		// no inheritable and no ambient ones: CVE-2022-24769, CVE-2016-8867. Of those that execve takes from a user who is
		// not root, none is there before it either: with them he could execute what its mode denies him.
		capabilities:
			user.uid === 0
				? { bounding: capabilities, effective: capabilities, permitted: capabilities }
				: { bounding: capabilities },
		...(options.ulimits.length > 0 ? { rlimits: options.ulimits } : {}),
		noNewPrivileges: options.noNewPrivileges,
		...(options.oomScoreAdj === undefined ? {} : { oomScoreAdj: options.oomScoreAdj }),
	};
}

/** Relative ones exist in old images, and count from the root. */
function imageWorkdir(path: string): string {
	return normalPath(`/${path}`);
}

/** Root of a user namespace of its own has them all there. */
function availableCapabilities(options: SpecInput['options'], host: SpecInput['host']): bigint {
	return options.userns.kind === 'private' ? (1n << BigInt(host.lastCapability + 1)) - 1n : host.capabilities;
}

function linux(input: SpecInput): Linux {
	const { options, id, host } = input;
	const mappings = specMappings(input);
	const { devices, rules } = specDevices(input);
	const seccomp = specSeccomp(input, specCapabilities(options, availableCapabilities(options, host)));
	const propagation = rootfsPropagation(input);
	return {
		namespaces: specNamespaces(input),
		...(mappings === undefined ? {} : { uidMappings: mappings, gidMappings: mappings }),
		...(devices.length > 0 ? { devices } : {}),
		cgroupsPath: join(options.cgroupParent ?? DEFAULT_CGROUP_PARENT, id),
		resources: specResources(options.resources, rules),
		sysctl: specSysctl(input),
		...(seccomp === undefined ? {} : { seccomp }),
		...(propagation === undefined ? {} : { rootfsPropagation: propagation }),
		...(options.privileged
			? {}
			: { maskedPaths: [...MASKED_PATHS, ...(host.thermalThrottle ?? [])], readonlyPaths: READONLY_PATHS }),
	};
}
