import type { Command } from 'commander';
import { requireUserZero } from '../../plan/require-kernel.ts';
import { makeForLater } from '../../runtime/run.ts';
import { addRunOptions } from '../run-flags.ts';
import { runRequest } from '../run-request.ts';
import { terminalProgress } from '../terminal-progress.ts';
import { thisProgram } from '../this-program.ts';

/** `tsrun create` of an image: docker's flags; `start` runs it, in the background or attached. */
export function declareCommand(command: Command, words?: readonly string[]): void {
	addRunOptions(command, words, ['--detach'])
		.argument('<image>', 'oci:DIR[:REF], oci-archive:FILE, docker-archive:FILE, or a name; or with --bundle DIR an id')
		.argument('[command...]', 'instead of the image’s own command')
		.action(async (image: string, args: readonly string[]) => {
			requireUserZero(process.geteuid?.() ?? 0);
			const onProgress = terminalProgress();
			const { options, ...request } = runRequest(command, { image, args, makesContainer: true });
			const id = await makeForLater(
				{
					...request,
					options: { ...options, detach: true },
					...(onProgress === undefined ? {} : { onProgress }),
					onPull: async () => (await import('../layer-progress.ts')).layerProgress(false),
				},
				thisProgram(),
			);
			process.stdout.write(`${id}\n`);
		});
}
