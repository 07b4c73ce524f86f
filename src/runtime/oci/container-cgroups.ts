import { join } from 'node:path';
import { readHostFacts } from '../../host/read-host-facts.ts';
import { parseCgroupsPath } from '../../plan/cgroup/cgroup-path.ts';
import { cgroupPaths } from '../../plan/cgroup/compile-cgroup.ts';
import { validateSpec } from '../../spec/validate-spec.ts';
import type { ContainerRecord } from '../../state/state-directory.ts';
import { readJsonFile } from '../read-json-file.ts';

/** The container's directory in each cgroup hierarchy: `unified`, and one for each v1 controller. */
export function containerCgroups({ state }: ContainerRecord): Readonly<Record<string, string>> {
	return state.bundle?.cgroups ?? cgroupsOfRun(state.directory);
}

/** `tsrun run` keeps the configuration and not its cgroups. */
function cgroupsOfRun(directory: string): Readonly<Record<string, string>> {
	const spec = validateSpec(readJsonFile('the container', join(directory, 'config.json')));
	const { cgroup } = readHostFacts({ paths: [], devices: [] });
	return cgroupPaths(cgroup, parseCgroupsPath(spec.linux?.cgroupsPath ?? '')) as Readonly<Record<string, string>>;
}
