import type { RuntimeSpec } from '../oci/runtime-spec.ts';
import type { SpecFacts } from '../plan/spec-facts.ts';
import { readLinks } from './read-links.ts';
import { readNamespaceFiles } from './read-namespace-files.ts';
import { readNetworkDevices } from './read-network-devices.ts';
import { readResctrl } from './read-resctrl.ts';
import { readAppArmor, readSelinux } from './read-security-modules.ts';

/** Looks at what the configuration names on the host; a configuration that names nothing costs nothing. */
export function readSpecFacts({
	process,
	mounts,
	linux,
}: Pick<RuntimeSpec, 'process' | 'mounts' | 'linux'>): SpecFacts {
	const paths = (linux?.namespaces ?? []).flatMap(({ path }) => (path === undefined ? [] : [path]));
	const hasLabel = process?.selinuxLabel !== undefined || linux?.mountLabel !== undefined;
	const resctrl = linux?.intelRdt === undefined ? undefined : readResctrl(linux.intelRdt);
	const copied = (mounts ?? []).flatMap(({ source, options }) =>
		source !== undefined && options?.includes('copy-symlink') === true ? [source] : [],
	);
	const devices = Object.keys(linux?.netDevices ?? {});
	return {
		...(paths.length === 0 ? {} : { namespaceFiles: readNamespaceFiles(paths) }),
		...(process?.apparmorProfile === undefined ? {} : { appArmor: readAppArmor() }),
		...(hasLabel ? { selinux: readSelinux() } : {}),
		...(resctrl === undefined ? {} : { resctrl }),
		...(copied.length === 0 ? {} : { links: readLinks(copied) }),
		...(devices.length === 0 ? {} : { networkDevices: readNetworkDevices(devices) }),
	};
}
