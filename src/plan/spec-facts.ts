import type { IdMapping } from '../oci/runtime-spec.ts';
import type { NamespaceType } from './host-facts.ts';

/** What only some configurations ask about: read by `src/host` where the configuration does; absent where it does not. */
export interface SpecFacts {
	/** By path: what stands where the configuration names a namespace. */
	readonly namespaceFiles?: Readonly<Record<string, NamespaceFile>>;
	readonly appArmor?: AppArmorFacts;
	/** Whether SELinux is on. */
	readonly selinux?: boolean;
	/** Absent where none is mounted, too. */
	readonly resctrl?: ResctrlFacts;
	/** By path: where those bind sources lead that are links and are to be copied as such. */
	readonly links?: Readonly<Record<string, string>>;
	/** Where the whole of a proc or a sysfs is mounted; read for a root that is not pivoted. */
	readonly kernelMounts?: readonly string[];
	/** By name: those of the network devices that the configuration moves which the host has. */
	readonly networkDevices?: Readonly<Record<string, NetworkDevice>>;
}

export interface NetworkDevice {
	readonly index: number;
	/** Of global scope; they are lost when the device moves. */
	readonly addresses: readonly DeviceAddress[];
}

export interface DeviceAddress {
	/** AF_INET or AF_INET6. */
	readonly family: 2 | 10;
	readonly prefix: number;
	/** In network order: 4 or 16. */
	readonly bytes: readonly number[];
}

export interface AppArmorFacts {
	readonly isEnabled: boolean;
	/** Whether its files are apart from those of other security modules, in attr/apparmor (Linux 5.8). */
	readonly hasOwnFiles: boolean;
}

export interface ResctrlFacts {
	readonly mountpoint: string;
	readonly features: { readonly cache: boolean; readonly memoryBandwidth: boolean; readonly monitoring: boolean };
	/** The group that the configuration names, where it exists. */
	readonly group?: { readonly schemata: string };
}

export type NamespaceFile =
	| { readonly kind: 'namespace'; readonly type: NamespaceType; readonly isOwn: boolean; readonly ids?: IdMaps }
	| { readonly kind: 'other' }
	| { readonly kind: 'unreadable'; readonly errno: number };

/** Of a user namespace, where a process is known that is in it. */
export interface IdMaps {
	readonly uid: readonly IdMapping[];
	readonly gid: readonly IdMapping[];
}
