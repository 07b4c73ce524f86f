import { closeSync, openSync, readFileSync, readSync, rmSync } from 'node:fs';
import { encodePlan } from '../../../../src/native/encode.ts';
import { spawnMachine } from '../../../../src/native/machine.ts';
import { decodeProgress, PROGRESS_SIZE, type Progress } from '../../../../src/native/progress.ts';
import type { Plan } from '../../../../src/plan/step.ts';
import { claimVolumes } from '../../../../src/runtime/claim-volumes.ts';
import { writeContainerFiles } from '../../../../src/runtime/container-files.ts';
import { openContainerRoots } from '../../../../src/runtime/open-container-roots.ts';
import { type PreparedContainer, prepareContainer } from '../../../../src/runtime/prepare-container.ts';
import { DEFAULT_RUN_OPTIONS, type RunOptions } from '../../../../src/spec/run-options.ts';
import { createContainerState } from '../../../../src/state/state-directory.ts';
import type { Sandbox } from '../../support/run-tsrun.ts';

export interface PlanRun {
	readonly exitCode: number;
	readonly stdout: string;
	readonly progress: Progress;
	readonly prepared: PreparedContainer;
}

export interface RunPlanRequest {
	readonly image: string;
	readonly args?: readonly string[];
	readonly options?: Partial<RunOptions>;
	/** What an attacker, or a fault, makes of the plan. */
	readonly change?: (plan: Plan) => Plan;
	/** Called while the machine runs. */
	readonly meanwhile?: () => Promise<void>;
}

/** Runs a container whose image is extracted already, with steps changed; standard output goes to a file of the sandbox. */
export async function runPlan(sandbox: Sandbox, request: RunPlanRequest): Promise<PlanRun> {
	const { image, args = [], change = plan => plan, meanwhile = async () => {} } = request;
	const options: RunOptions = { ...DEFAULT_RUN_OPTIONS, rm: true, ...request.options };
	const roots = openContainerRoots({ data: sandbox.root, state: sandbox.state });
	const prepared = await prepareContainer({
		reference: image,
		args,
		options,
		...roots,
		terminals: [false, false, false],
	});
	const plan = encodePlan(change(prepared.plan));
	const { id, name, directory } = prepared;
	const progressFd = createContainerState(roots.state, {
		state: {
			version: 1,
			id,
			name,
			image,
			imageDigest: prepared.image.manifestDigest,
			command: args,
			created: Date.now(),
			directory,
			labels: {},
			autoRemove: true,
		},
		plan,
	});
	writeContainerFiles({
		...prepared,
		state: roots.state,
		options,
	});
	await claimVolumes(roots.store, prepared);
	const output = `${sandbox.dir}/output`;
	const [input, out] = [openSync('/dev/null', 'r'), openSync(output, 'w+')];
	try {
		const [exitCode] = await Promise.all([spawnMachine({ plan, progressFd }, [input, out, out]), meanwhile()]);
		return { exitCode, prepared, progress: readProgress(progressFd), stdout: readFileSync(output, 'utf8') };
	} finally {
		for (const fd of [input, out, progressFd]) closeSync(fd);
		rmSync(output);
	}
}

function readProgress(fd: number): Progress {
	const bytes = new Uint8Array(PROGRESS_SIZE);
	readSync(fd, bytes, 0, PROGRESS_SIZE, 0);
	const progress = decodeProgress(bytes);
	if (progress === undefined) throw new Error('the progress file is not whole');
	return progress;
}
