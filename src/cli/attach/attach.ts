import type { Command } from 'commander';
import { attachContainer } from '../../runtime/life/attach-container.ts';
import { openStateDirectory } from '../../state/state-directory.ts';
import { rootsOf } from '../roots.ts';
import { attachFlags, detachKeysOption, sigProxyOption } from './attach-options.ts';
import { stayAttached } from './stay-attached.ts';

/** `tsrun attach`: input and output of a container in the background. */
export function declareCommand(command: Command): void {
	command
		.argument('<container>', 'name, id or the beginning of an id')
		.addOption(detachKeysOption())
		.addOption(sigProxyOption())
		.option('--no-stdin', 'pass on no input')
		.action(async (container: string) => {
			const { stdin } = command.opts<{ stdin: boolean }>();
			const flags = attachFlags(command);
			const attachment = attachContainer(openStateDirectory(rootsOf(command).state), container, stdin);
			process.exit(await stayAttached(attachment, flags));
		});
}
