import type { IdMapping } from '../oci/runtime-spec.ts';
import type { NamespaceType } from './host-facts.ts';

/** What only some configurations ask about: read by `src/host` where the configuration does; absent where it does not. */
export interface SpecFacts {
	/** By path: what stands where the configuration names a namespace. */
	readonly namespaceFiles?: Readonly<Record<string, NamespaceFile>>;
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
