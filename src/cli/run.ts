import { type Command, Option } from 'commander';
import { EXIT_TSRUN_FAILED } from '../core/errors.ts';
import { requireUserZero } from '../plan/require-kernel.ts';
import { runDetached, runInPlace } from '../runtime/run.ts';
import { detachKeysOption, sigProxyOption } from './attach/attach-options.ts';
import { addRunOptions } from './run-flags.ts';
import { runRequest } from './run-request.ts';
import { terminalProgress } from './terminal-progress.ts';
import { thisProgram } from './this-program.ts';

/** `tsrun run`: docker's flags and exit codes. */
export function declareCommand(command: Command, words?: readonly string[]): void {
	// only where one of them, a part of it or --help is there: each option takes time to declare
	if (words?.some(word => /^--([ht]|detach-|sig)/.test(word)) !== false) {
		for (const option of [traceOption(), detachKeysOption(), sigProxyOption()]) command.addOption(option);
	}
	addRunOptions(command, words)
		.argument('<image>', 'oci:DIR[:REF], oci-archive:FILE, docker-archive:FILE, or a name')
		.argument('[command...]', 'instead of the image’s own command')
		.action(async (image: string, args: readonly string[]) => {
			// Before the store is opened: another user's store would be another one.
			requireUserZero(process.geteuid?.() ?? 0);
			const onProgress = terminalProgress();
			// A failed step leads back here: the machine becomes this program again, which then words it.
			const program = thisProgram();
			const request = {
				...runRequest(command, { image, args, makesContainer: true }),
				...(onProgress === undefined ? {} : { onProgress }),
				onPull: async () => (await import('./layer-progress.ts')).layerProgress(false),
			};
			const { trace, detachKeys, sigProxy = true } = command.opts<RareFlags>();
			if (!request.options.detach && (detachKeys !== undefined || !sigProxy)) {
				const { runAttached } = await import('./attach/run-attached.ts');
				process.exit(await runAttached(command, request, program));
			}
			if (trace !== undefined) {
				const { runTraced } = await import('./run-traced.ts');
				process.exitCode = await runTraced(request, program, trace);
				return;
			}
			if (!request.options.detach) await runInPlace(request, program);
			const { id, failed } = await runDetached(request, program);
			if (failed === undefined) process.stdout.write(`${id}\n`);
			else process.exitCode = failed.exitCode ?? EXIT_TSRUN_FAILED;
		});
}

interface RareFlags {
	readonly trace?: string;
	readonly detachKeys?: string;
	readonly sigProxy?: boolean;
}

const traceOption = (): Option =>
	new Option(
		'--trace [=file]',
		'print how long each step took, or write it to a file, as JSON that Perfetto opens too',
	);
