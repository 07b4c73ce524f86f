import { TsrunError } from '../core/errors.ts';
import type { ImageExecution } from '../oci/image-spec.ts';

export interface CommandInput {
	readonly image: Pick<ImageExecution, 'entrypoint' | 'cmd'>;
	/** From --entrypoint; empty takes the image's away. */
	readonly entrypoint: string | undefined;
	readonly args: readonly string[];
}

/**
 * What is executed (image-spec config.md, "Entrypoint", "Cmd"; docker's rules): entrypoint, then the words of the command line, or the
 * image's Cmd where there are none. A given entrypoint, also an empty one, takes the image's Cmd away.
 * @throws TsrunError TSRUN_NO_COMMAND
 */
export function containerCommand({ image, entrypoint, args }: CommandInput): readonly string[] {
	const head = entrypoint === undefined ? image.entrypoint : entrypoint === '' ? [] : [entrypoint];
	const tail = args.length > 0 || entrypoint !== undefined ? args : image.cmd;
	const command = [...head, ...tail];
	if (command.length === 0 || command[0] === '') {
		throw new TsrunError('TSRUN_NO_COMMAND', 'the image names no command, and none is given', {
			hint: 'give one after the image, for example sh',
		});
	}
	return command;
}
