import { isAbsolute, join, resolve } from 'node:path';
import { isBind } from '../../oci/mount-kind.ts';
import type { RuntimeSpec } from '../../oci/runtime-spec.ts';
import { validateSpec } from '../../spec/validate-spec.ts';
import { readJsonFile } from '../read-json-file.ts';

export interface Bundle {
	/** Absolute path of its directory. */
	readonly directory: string;
	readonly rootfs: string;
	readonly spec: RuntimeSpec;
	/** The config.json as it was read, with the fields that tsrun does not know. */
	readonly config: unknown;
}

/**
 * Reads an OCI bundle (runtime-spec bundle.md).
 * @throws TsrunError naming the file, or the JSON pointer in it
 */
export function loadBundle(path: string): Bundle {
	const directory = resolve(path);
	const config = readJsonFile('--bundle', join(directory, 'config.json'));
	const spec = fromBundle(validateSpec(config), directory);
	const rootfs = spec.root?.path ?? 'rootfs';
	return { directory, rootfs: isAbsolute(rootfs) ? rootfs : join(directory, rootfs), spec, config };
}

/** Relative bind sources count from the bundle (runtime-spec config.md, "mounts"). */
function fromBundle(spec: RuntimeSpec, bundle: string): RuntimeSpec {
	if (spec.mounts === undefined) return spec;
	const mounts = spec.mounts.map(mount =>
		mount.source !== undefined && isBind(mount) ? { ...mount, source: resolve(bundle, mount.source) } : mount,
	);
	return { ...spec, mounts };
}
