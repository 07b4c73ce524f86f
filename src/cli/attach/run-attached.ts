import type { Command } from 'commander';
import { TsrunError } from '../../core/errors.ts';
import { startAttached } from '../../runtime/life/start-attached.ts';
import type { RunRequest } from '../../runtime/prepare-container.ts';
import { removeContainer } from '../../runtime/remove-container.ts';
import { makeForLater } from '../../runtime/run.ts';
import { rootsOf } from '../roots.ts';
import { attachFlags } from './attach-options.ts';
import { stayAttached } from './stay-attached.ts';

/**
 * `tsrun run` that can be left: the container has a supervisor of its own as with `-d`, and this process is attached to it. Otherwise this process
 * would become the supervisor, which cannot go on without it.
 * @returns the exit code of the container; 0 where somebody detached
 */
export async function runAttached(command: Command, request: RunRequest, program: readonly string[]): Promise<number> {
	const flags = attachFlags(command);
	const { options, terminals, state } = request;
	if (command.opts<{ trace?: string }>().trace !== undefined)
		throw new TsrunError('TSRUN_BAD_FLAG', '--trace excludes --detach-keys and --sig-proxy: it is printed at the end', {
			hint: 'leave one of them out',
		});
	if (request.options.log.kind === 'none')
		throw new TsrunError('TSRUN_CANNOT_ATTACH', 'a container with --log-driver none cannot be left and attached to', {
			hint: 'leave out --detach-keys and --sig-proxy=false, or --log-driver none',
		});
	if (options.tty && options.interactive && !terminals[0]) {
		throw new TsrunError('TSRUN_NOT_A_TERMINAL', 'standard input is not a terminal, and -it asks for one', {
			hint: 'leave out -t where input comes from a pipe or a file',
		});
	}
	const id = await makeForLater({ ...request, options: { ...options, detach: true } }, program);
	const input = !options.interactive ? 'none' : terminals[0] ? 'terminal' : 'whole';
	const attachment = await startOrRemove(
		() => startAttached(state, id, { program, input }),
		command,
		options.rm ? id : undefined,
	);
	return typeof attachment === 'number' ? attachment : stayAttached(attachment, flags);
}

/** @param id of a container that is not to stay where it cannot be started */
async function startOrRemove<T>(start: () => T, command: Command, id: string | undefined): Promise<T> {
	try {
		return start();
	} catch (error) {
		if (id !== undefined) await removeContainer({ roots: rootsOf(command), container: id, force: true, volumes: true });
		throw error;
	}
}
