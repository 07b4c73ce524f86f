import type { Command } from 'commander';
import { TsrunError } from '../../core/errors.ts';
import { startAttached } from '../../runtime/life/start-attached.ts';
import { openStateDirectory } from '../../state/state-directory.ts';
import { rootsOf } from '../roots.ts';
import { thisProgram } from '../this-program.ts';
import { attachFlags } from './attach-options.ts';
import { stayAttached } from './stay-attached.ts';

/** `tsrun start -a`, `-i`. @returns the exit code of the container */
export async function startAndAttach(
	command: Command,
	[container = '', ...others]: readonly string[],
): Promise<number> {
	if (others.length > 0)
		throw new TsrunError('TSRUN_USAGE', 'start: nobody can be attached to several containers', {
			hint: 'start them without -a and -i',
			exitCode: 1,
		});
	const flags = attachFlags(command);
	const { interactive = false } = command.opts<{ interactive?: boolean }>();
	const attachment = startAttached(openStateDirectory(rootsOf(command).state), container, {
		program: thisProgram(),
		input: !interactive ? 'none' : process.stdin.isTTY ? 'terminal' : 'whole',
	});
	return typeof attachment === 'number' ? attachment : stayAttached(attachment, flags);
}
