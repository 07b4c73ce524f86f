import { basename, isAbsolute, join, resolve } from 'node:path';
import { readHostFacts } from '../host/read-host-facts.ts';
import type { Mount, RuntimeSpec } from '../oci/runtime-spec.ts';
import { compilePlan } from '../plan/compile.ts';
import type { Plan } from '../plan/step.ts';
import { validateSpec } from '../spec/validate-spec.ts';
import { newContainerId } from './new-container-id.ts';
import { readJsonFile } from './read-json-file.ts';

/**
 * The plan of an OCI bundle (runtime-spec bundle.md), as root would run it in the foreground.
 * @throws TsrunError naming the file, or the JSON pointer in it
 */
export function planBundle(directory: string): Plan {
	const bundle = resolve(directory);
	const spec = fromBundle(validateSpec(readJsonFile('--bundle', join(bundle, 'config.json'))), bundle);
	const rootfs = spec.root?.path ?? 'rootfs';
	const binds = (spec.mounts ?? []).flatMap(mount =>
		isBind(mount) && mount.source !== undefined ? [mount.source] : [],
	);
	const facts = readHostFacts({
		paths: binds,
		devices: [],
		cgroupsPath: spec.linux?.cgroupsPath ?? `/tsrun/${basename(bundle)}`,
	});
	const capabilities = (1n << BigInt(facts.lastCapability + 1)) - 1n;
	return compilePlan({
		spec,
		facts: { ...facts, uid: 0, gid: 0, capabilities: facts.uid === 0 ? facts.capabilities : capabilities },
		container: {
			id: newContainerId(),
			rootfs: { kind: 'directory', path: isAbsolute(rootfs) ? rootfs : join(bundle, rootfs) },
			streams: { stdin: 'inherit', stdout: 'inherit', stderr: 'inherit' },
			terminal: { raw: spec.process?.terminal === true, input: true },
			volumes: [],
			noPivot: false,
			reaper: false,
			life: { kind: 'supervised' },
			handOver: {},
			hooks: { id: basename(bundle), bundle },
			newKeyring: true,
			remove: { trees: [], links: [] },
		},
	});
}

const isBind = ({ type, options = [] }: Mount): boolean =>
	type === 'bind' || options.includes('bind') || options.includes('rbind');

/** Relative bind sources count from the bundle (runtime-spec config.md, "mounts"). */
function fromBundle(spec: RuntimeSpec, bundle: string): RuntimeSpec {
	if (spec.mounts === undefined) return spec;
	const mounts = spec.mounts.map(mount =>
		mount.source !== undefined && isBind(mount) ? { ...mount, source: resolve(bundle, mount.source) } : mount,
	);
	return { ...spec, mounts };
}
