import { ERRNO } from '../../plan/linux-constants.ts';
import type { Step, StepOf } from '../../plan/step.ts';
import { type Commands, lines } from './commands.ts';
import { shellWord } from './shell-word.ts';

type FileStep = StepOf<'mkdir' | 'rmdir' | 'unlinkLink' | 'removeTree' | 'chown' | 'write' | 'writeProc'>;

/** Steps on files of the host. */
export function fileCommands(step: FileStep): Commands {
	switch (step.op) {
		case 'mkdir':
			return lines(
				`mkdir ${tolerates(step, ERRNO.EEXIST) ? '-p ' : ''}-m ${octal(step.mode)} -- ${shellWord(step.path)}`,
			);
		case 'rmdir':
			return lines(tolerant(step, `rmdir -- ${shellWord(step.path)}`));
		case 'unlinkLink':
			return lines(
				`if [[ $(readlink -- ${shellWord(step.path)}) == ${shellWord(step.target)} ]]; then rm -- ${shellWord(step.path)}; fi`,
			);
		case 'removeTree':
			return lines(`rm -rf --one-file-system -- ${shellWord(step.path)}`);
		case 'chown':
			return lines(`chown -h ${step.uid}:${step.gid} -- ${shellWord(step.path)}`);
		case 'write':
			return lines(writeCommand(step, step.path, step.data));
		case 'writeProc':
			return lines(writeCommand(step, `/proc/${step.path}`, step.data));
	}
}

/** `echo` adds a newline, which files of the kernel do not mind; other text is written as it is. */
export function writeCommand(step: Step, path: string, data: string | Uint8Array): string {
	const text = typeof data === 'string' ? data : new TextDecoder().decode(data);
	const isPlain = /^[\w*:./+, -]*$/.test(text) && !text.startsWith('-');
	const words = isPlain ? `echo ${shellWord(text)}` : `printf %s ${shellWord(text)}`;
	return tolerant(step, `${words} > ${shellWord(path)}`);
}

/** An error that the step accepts is none; the redirection's own too. */
export function tolerant({ tolerate = [] }: Step, command: string): string {
	return tolerate.length === 0 ? command : `{ ${command}; } 2> /dev/null || :`;
}

export const tolerates = ({ tolerate = [] }: Step, errno: number): boolean => tolerate.includes(errno);
export const octal = (mode: number | bigint): string => Number(mode).toString(8);
