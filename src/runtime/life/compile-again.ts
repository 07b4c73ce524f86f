import { join } from '../../core/paths.ts';
import { readHostFacts } from '../../host/read-host-facts.ts';
import { readKernelMounts } from '../../host/read-kernel-mounts.ts';
import { readSpecFacts } from '../../host/read-spec-facts.ts';
import type { RuntimeSpec } from '../../oci/runtime-spec.ts';
import { compilePlan } from '../../plan/compile.ts';
import type { ContainerInput } from '../../plan/container-input.ts';
import type { NetworkInput } from '../../plan/network-input.ts';
import { requireKernel } from '../../plan/require-kernel.ts';
import type { Plan } from '../../plan/step.ts';
import { containerStateDir, type StateDirectory } from '../../state/state-directory.ts';
import { logPath } from '../container-files.ts';
import { withProbe } from '../health/with-probe.ts';
import { joinedNamespaces } from '../joined-namespaces.ts';
import { readJsonFile } from '../read-json-file.ts';
import type { StoredRun } from './stored-run.ts';

/**
 * The plan of a container that has ended, for another run of it: from its own configuration and the host as it is now.
 * @param network what it has of bridge networks this time
 */
export function compileAgain(stored: StoredRun, directory: StateDirectory, network?: NetworkInput): Plan {
	const own = stored.state.directory;
	const config = readJsonFile('the container', join(own, 'config.json')) as RuntimeSpec;
	const spec = rejoined(config, joinedNamespaces(stored.joins, directory));
	const sources = (spec.mounts ?? []).flatMap(({ source }) => (source?.startsWith('/') === true ? [source] : []));
	const found = readHostFacts({ paths: sources, devices: [], cgroupsPath: spec.linux?.cgroupsPath ?? '' });
	requireKernel(found);
	const facts = {
		...found,
		...readSpecFacts(spec),
		...(stored.container.noPivot ? { kernelMounts: readKernelMounts() } : {}),
	};
	const container = { ...inBackground(stored.container, own), ...(network === undefined ? {} : { network }) };
	const { health: check, cgroups } = stored.state.run ?? { cgroups: {} };
	const stateDir = containerStateDir(directory, stored.state.id);
	const plan = compilePlan({ spec, facts, container });
	return withProbe(plan, { check, spec, facts, container, cgroups, stateDir });
}

function rejoined(spec: RuntimeSpec, paths: ReturnType<typeof joinedNamespaces>): RuntimeSpec {
	const namespaces = spec.linux?.namespaces?.map(each => {
		const path = (paths as Readonly<Record<string, string | undefined>>)[each.type];
		return path === undefined ? each : { ...each, path };
	});
	return namespaces === undefined ? spec : { ...spec, linux: { ...spec.linux, namespaces } };
}

/** Nobody waits at a terminal for a further run, whatever the first was. */
function inBackground(container: ContainerInput, directory: string): ContainerInput {
	if (container.log !== undefined) return container;
	const stdin = container.streams.stdin === 'null' ? 'null' : 'inherit';
	return {
		...container,
		streams: { stdin, stdout: 'pipe', stderr: 'pipe' },
		terminal: { ...container.terminal, raw: false },
		log: { path: logPath(directory), maxSize: 0, files: 1 },
	};
}
