import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readHostFacts } from '../../host/read-host-facts.ts';
import type { Resources } from '../../oci/runtime-spec.ts';
import { compileUpdate } from '../../plan/cgroup/compile-update.ts';
import { isLegacy } from '../../plan/cgroup/scope-steps.ts';
import { updateResources } from '../../spec/update-resources.ts';
import { RESOURCES_SHAPE } from '../../spec/validate/resources-shape.ts';
import { validateSpec } from '../../spec/validate-spec.ts';
import { hasProcess } from '../../state/has-process.ts';
import {
	type ContainerRecord,
	openStateDirectory,
	readContainer,
	type StateDirectory,
	withContainer,
} from '../../state/state-directory.ts';
import { readUpdatedResources, writeUpdatedResources } from '../../state/updated-resources.ts';
import { readJsonFile } from '../read-json-file.ts';
import { containerCgroups } from './container-cgroups.ts';
import { findBundleContainer } from './find-bundle-container.ts';
import { notRunning } from './not-running.ts';
import { performWrites } from './perform-writes.ts';
import { type RdtSchemas, updateRdt } from './update-rdt.ts';

export interface UpdateRequest {
	readonly stateRoot: string;
	readonly container: string;
	readonly change: Resources;
	readonly rdt: RdtSchemas;
}

/**
 * runc's `update`: other limits for a container that exists. All of them are set, or none.
 * @throws TsrunError TSRUN_CONTAINER_NOT_RUNNING, TSRUN_STEP_FAILED and those of the compiler
 */
export async function updateContainer({ stateRoot, container, change, rdt }: UpdateRequest): Promise<void> {
	const directory = openStateDirectory(stateRoot);
	const { id, bundle } = findBundleContainer(directory, container).state;
	const scope = bundle?.scope;
	const updateScope = scope === undefined ? undefined : (await import('./systemd-scope.ts')).updateScope;
	withContainer(directory, id, () => {
		const record = readContainer(directory, id);
		if (record === undefined || !hasProcess(record)) throw notRunning();
		const current = currentResources(directory, record);
		const { resources, written } = updateResources(current, change);
		const directories = containerCgroups(record);
		const usage = memoryUsage(directories);
		const facts = readHostFacts({ paths: [], devices: [] });
		const writes = compileUpdate({
			written,
			facts,
			directories,
			...(usage === undefined ? {} : { memoryUsage: usage }),
		});
		updateRdt({ id, init: record.progress.init, schemas: rdt });
		const tellSystemd = (limits: Resources): void => {
			if (scope !== undefined) updateScope?.(scope, limits, isLegacy(facts.cgroup));
		};
		// First systemd, which sets what it is told: what it rounds is exact then.
		tellSystemd(written);
		try {
			performWrites(writes);
		} catch (error) {
			tellSystemd(current);
			throw error;
		}
		writeUpdatedResources(directory, id, resources);
	});
}

/** What `--resources` names. @throws TsrunError TSRUN_BAD_FILE, TSRUN_BAD_CONFIG */
export function readResources(path: string): Resources {
	return RESOURCES_SHAPE(readJsonFile('--resources', path), '/linux/resources');
}

function currentResources(directory: StateDirectory, { state }: ContainerRecord): Resources {
	const updated = readUpdatedResources(directory, state.id);
	if (updated !== undefined) return RESOURCES_SHAPE(updated, '/linux/resources');
	return validateSpec(readJsonFile('the container', join(state.directory, 'config.json'))).linux?.resources ?? {};
}

function memoryUsage({ unified }: Readonly<Record<string, string>>): number | undefined {
	try {
		return unified === undefined ? undefined : Number(readFileSync(join(unified, 'memory.current'), 'latin1'));
	} catch {
		return undefined;
	}
}
