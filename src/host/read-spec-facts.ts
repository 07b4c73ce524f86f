import type { RuntimeSpec } from '../oci/runtime-spec.ts';
import type { SpecFacts } from '../plan/spec-facts.ts';
import { readNamespaceFiles } from './read-namespace-files.ts';

/** Looks at what the configuration names on the host; a configuration that names nothing costs nothing. */
export function readSpecFacts({ linux }: RuntimeSpec): SpecFacts {
	const paths = (linux?.namespaces ?? []).flatMap(({ path }) => (path === undefined ? [] : [path]));
	return paths.length === 0 ? {} : { namespaceFiles: readNamespaceFiles(paths) };
}
