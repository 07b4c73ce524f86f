import { closeSync } from 'node:fs';
import { parseContainerId } from '../../core/brands.ts';
import { attempt } from '../../core/system-failure.ts';
import { planNotes } from '../../explain/plan-notes.ts';
import { encodePlan } from '../../native/encode.ts';
import { becomeMachine, runTeardown } from '../../native/machine.ts';
import { keptEnd } from '../../plan/kept-end.ts';
import type { Plan } from '../../plan/step.ts';
import { reconcile } from '../../state/reconcile.ts';
import {
	containerStateDir,
	createContainerState,
	openStateDirectory,
	removeContainerState,
	requireFreeId,
} from '../../state/state-directory.ts';
import { type CreateOptions, prepareBundle } from './prepare-bundle.ts';
import { requirePreserved } from './require-preserved.ts';
import { requireSystemd } from './require-systemd.ts';

export interface CreateRequest {
	readonly stateRoot: string;
	readonly id: string;
	readonly bundle: string;
	readonly options: CreateOptions;
	/** argv of the program that words a failed step; it is given the state root and the container's id. */
	readonly reporter: readonly string[];
	readonly log: ContainerLog;
}

/** Where a command tells more than its result. */
export interface ContainerLog {
	readonly warn: (message: string) => void;
	/** Before the plan is carried out. */
	readonly plan?: (plan: Plan) => void;
}

/**
 * runc's `create` and `run`: this process becomes the machine. Of a created or detached container that ends with 0 once init
 * waits or its program runs; of one in the foreground with the exit code of its program. Returns only by an error.
 * @throws TsrunError TSRUN_ID_IN_USE, TSRUN_BAD_CONFIG
 */
export async function createContainer(request: CreateRequest): Promise<never> {
	const { stateRoot, id: text, bundle, options, reporter, log } = request;
	const id = parseContainerId(text);
	requirePreserved(options.preserveFds);
	if (options.systemdCgroup === true) requireSystemd();
	const directory = openStateDirectory(stateRoot);
	reconcile(directory, runTeardown);
	requireFreeId(directory, id);
	const prepared = prepareBundle({ id, bundle, options, stateDir: containerStateDir(directory, id) });
	for (const warning of prepared.warnings) log.warn(warning);
	log.plan?.(prepared.plan);
	const encode = (of: Plan): Uint8Array =>
		encodePlan(of, { reporter: [...reporter, directory.root, id], notes: planNotes(of) });
	const plan = encode(prepared.plan);
	const progressFd = attempt(
		{ code: 'TSRUN_STATE', action: `write the state of the container to ${directory.root}` },
		() =>
			createContainerState(directory, {
				state: prepared.state,
				plan,
				files: { 'config.json': JSON.stringify(prepared.bundle.config) },
			}),
	);
	try {
		// hooks of the host find the bundle's files here
		process.chdir(prepared.bundle.directory);
		if (prepared.scope !== undefined) (await import('./systemd-scope.ts')).startScope(prepared.scope);
		return becomeMachine({
			plan: options.keep ? encode(keptEnd(prepared.plan)) : plan,
			progressFd,
			preserveFds: options.preserveFds,
		});
	} catch (error) {
		removeContainerState(directory, id, id);
		closeSync(progressFd);
		throw error;
	}
}
