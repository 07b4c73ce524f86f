import { basename, isAbsolute, join, resolve } from 'node:path';
import { readHostFacts } from '../host/read-host-facts.ts';
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
	const spec = validateSpec(readJsonFile('--bundle', join(bundle, 'config.json')));
	const rootfs = spec.root?.path ?? 'rootfs';
	const binds = (spec.mounts ?? []).flatMap(({ source, type, options = [] }) =>
		source !== undefined && (type === 'bind' || options.includes('bind') || options.includes('rbind')) ? [source] : [],
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
			remove: { trees: [], links: [] },
		},
	});
}
