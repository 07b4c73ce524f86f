import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ContainerId } from '../../../src/core/brands.ts';
import { planNotes } from '../../../src/explain/plan-notes.ts';
import { encodePlan } from '../../../src/native/encode.ts';
import { runTeardown, spawnMachine } from '../../../src/native/machine.ts';
import { decodeProgress, type Progress } from '../../../src/native/progress.ts';
import type { Plan, Step, StepList } from '../../../src/plan/step.ts';
import { claimVolumes } from '../../../src/runtime/claim-volumes.ts';
import { writeContainerFiles } from '../../../src/runtime/container-files.ts';
import { openContainerRoots } from '../../../src/runtime/open-container-roots.ts';
import { prepareContainer, type RunRequest } from '../../../src/runtime/prepare-container.ts';
import { stateOf } from '../../../src/runtime/run.ts';
import { DEFAULT_RUN_OPTIONS, type RunOptions } from '../../../src/spec/run-options.ts';
import { reconcile } from '../../../src/state/reconcile.ts';
import { containerStateDir, createContainerState } from '../../../src/state/state-directory.ts';
import type { Sandbox } from './run-tsrun.ts';

export interface InjectedRequest {
	readonly image: string;
	readonly args: readonly string[];
	readonly options: Partial<RunOptions>;
	/** What the machine is given in place of the compiled plan; the state directory holds the compiled one. */
	readonly change: (plan: Plan) => Plan;
	/** The program that the supervisor becomes when a step fails; none unless told, and then it tears down by itself. */
	readonly reporter?: readonly string[];
}

export interface InjectedContainer {
	readonly id: ContainerId;
	/** Of tsrun-init: its exit code, or -1 where a signal ended it. */
	readonly ended: Promise<number>;
	/** Undefined where the state directory is gone. */
	readonly progress: () => Progress | undefined;
}

/** Makes a container as `tsrun run` does, and lets the machine execute another plan than the compiled one. */
export async function startInjected(sandbox: Sandbox, request: InjectedRequest): Promise<InjectedContainer> {
	const { store, state } = openContainerRoots({ data: sandbox.root, state: sandbox.state });
	reconcile(state, runTeardown);
	const options = { ...DEFAULT_RUN_OPTIONS, ...request.options };
	const run: RunRequest = {
		reference: request.image,
		args: request.args,
		options,
		store,
		state,
		terminals: [false, false, false],
	};
	const prepared = await prepareContainer(run);
	const { id, plan } = prepared;
	const progressFd = createContainerState(state, {
		state: stateOf(prepared, run),
		plan: encodePlan(plan, { notes: planNotes(plan) }),
	});
	writeContainerFiles({ ...prepared, state, options });
	await claimVolumes(store, prepared);
	const nowhere = openSync('/dev/null', 'r+');
	const ended = spawnMachine(
		{ plan: encodePlan(request.change(plan), { reporter: request.reporter ?? [] }), progressFd },
		[nowhere, nowhere, nowhere],
	).catch(() => -1);
	closeSync(nowhere);
	// The machine has a copy: with this one open too, the container would seem supervised for ever.
	closeSync(progressFd);
	return {
		id,
		ended,
		progress: () => {
			try {
				return decodeProgress(readFileSync(join(containerStateDir(state, id), 'progress')));
			} catch {
				return undefined;
			}
		},
	};
}

/** A plan with one step replaced by one that cannot succeed. */
export function withImpossibleStep(plan: Plan, list: StepList, index: number): Plan {
	const impossible: Step = { op: 'chdir', path: '/proc/impossible', phase: 'process', why: 'a test wants it to fail' };
	return { ...plan, [list]: plan[list].with(index, impossible) };
}
