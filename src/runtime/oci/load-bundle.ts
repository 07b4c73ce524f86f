import { existsSync, realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { TsrunError } from '../../core/errors.ts';
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
	return { directory, rootfs: rootfsOf(spec, directory), spec, config };
}

/** Links are followed, as crun does; what is not there, or no directory, is told when it is opened. */
function rootfsOf({ root }: RuntimeSpec, bundle: string): string {
	const path = resolve(bundle, root?.path ?? 'rootfs');
	const real = existsSync(path) ? realpathSync(path) : path;
	if (real !== '/') return real;
	throw new TsrunError('TSRUN_BAD_CONFIG', `config.json /root/path: ${root?.path} is the root of the host itself`, {
		hint: 'a container needs a root file system of its own: a directory, in the bundle or elsewhere',
	});
}

/** Relative bind sources count from the bundle (runtime-spec config.md, "mounts"). */
function fromBundle(spec: RuntimeSpec, bundle: string): RuntimeSpec {
	if (spec.mounts === undefined) return spec;
	const mounts = spec.mounts.map(mount =>
		mount.source !== undefined && isBind(mount) ? { ...mount, source: resolve(bundle, mount.source) } : mount,
	);
	return { ...spec, mounts };
}
