import { TsrunError } from '../core/errors.ts';
import type { Descriptor } from '../oci/image-spec.ts';
import { CONTAINERD_NAME, REF_NAME } from '../oci/media-types.ts';
import { normaliseName } from './parse-reference.ts';

/**
 * The full names that an index gives its entries. `ref.name` is often only a tag: then the name of the file or directory
 * stands before it. A name that is not valid is left out.
 */
export function fullNames(entries: readonly Descriptor[], fileName: string): readonly string[] {
	const stem = fileName.replace(/(\.(tar|tgz|gz|oci))+$/, '').toLowerCase();
	const names = entries.flatMap(({ annotations }) => {
		const ref = annotations?.[REF_NAME];
		const full = annotations?.[CONTAINERD_NAME] ?? (ref !== undefined && /[:/]/.test(ref) ? ref : undefined);
		return full ?? (ref === undefined ? [] : `${stem}:${ref}`);
	});
	return [...new Set(names.flatMap(valid))];
}

function valid(name: string): readonly string[] {
	try {
		return [normaliseName(name)];
	} catch (error) {
		if (error instanceof TsrunError) return [];
		throw error;
	}
}
