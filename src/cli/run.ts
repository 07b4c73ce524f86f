import { type Command, Option } from 'commander';
import { EXIT_TSRUN_FAILED } from '../core/errors.ts';
import { requireUserZero } from '../plan/require-kernel.ts';
import { runDetached, runInPlace } from '../runtime/run.ts';
import { detachKeysOption, sigProxyOption } from './attach/attach-options.ts';
import { debugPlan } from './debug-plan.ts';
import { addRunOptions } from './run-flags.ts';
import { runRequest } from './run-request.ts';
import type { StepFlags } from './step/run-stepped.ts';
import { terminalProgress } from './terminal-progress.ts';
import { thisProgram } from './this-program.ts';

/** `tsrun run`: docker's flags and exit codes. */
export function declareCommand(command: Command, words?: readonly string[]): void {
	// only where one, a part of it or --help is there: each option takes time to declare
	if (words?.some(word => /^--([htb]|st|sig|detach-)/.test(word)) !== false)
		for (const option of [...watchOptions(), detachKeysOption(), sigProxyOption()]) command.addOption(option);
	addRunOptions(command, words)
		.argument('<image>', 'oci:DIR[:REF], oci-archive:FILE, docker-archive:FILE, or a name')
		.argument('[command...]', 'instead of the image’s own command')
		.action(async (image: string, args: readonly string[]) => {
			// Before the store is opened: another user's store would be another one.
			requireUserZero(process.geteuid?.() ?? 0);
			const onProgress = terminalProgress();
			// A failed step leads back here: the machine becomes this program again, which then words it.
			const program = thisProgram();
			const onPlan = await debugPlan();
			const request = {
				...runRequest(command, { image, args, makesContainer: true }),
				...(onProgress === undefined ? {} : { onProgress }),
				...(onPlan === undefined ? {} : { onPlan }),
				onPull: async () => (await import('./layer-progress.ts')).layerProgress(false),
			};
			const flags = command.opts<RareFlags>();
			const { trace, detachKeys, sigProxy = true } = flags;
			if (flags.step === true || flags.break !== undefined) {
				const { runStepwise } = await import('./step/run-stepped.ts');
				process.exitCode = await runStepwise(request, program, flags);
				return;
			}
			if (!request.options.detach && (detachKeys !== undefined || !sigProxy)) {
				const { runAttached } = await import('./attach/run-attached.ts');
				process.exit(await runAttached(command, request, program));
			}
			if (trace !== undefined) {
				const { runTraced } = await import('./run-traced.ts');
				// at once: to put the memory in order first takes an engine as long as a small container
				process.exit(await runTraced(request, program, trace));
			}
			if (!request.options.detach) await runInPlace(request, program);
			const { id, failed } = await runDetached(request, program);
			if (failed === undefined) process.stdout.write(`${id}\n`);
			else process.exitCode = failed.exitCode ?? EXIT_TSRUN_FAILED;
		});
}

interface RareFlags extends StepFlags {
	readonly detachKeys?: string;
	readonly sigProxy?: boolean;
}

const watchOptions = (): readonly Option[] => [
	new Option(
		'--trace [=file]',
		'print how long each step took, or write it to a file, as JSON that Perfetto opens too',
	),
	new Option('--step', 'stop before each step, show host and container side by side, and ask what to do'),
	new Option(
		'--break <place>',
		'stop before steps of a phase (mounts), of a number (17, init:17) or of a call (pivot_root)',
	).argParser((text: string, before: readonly string[] | undefined) => [...(before ?? []), text]),
];
