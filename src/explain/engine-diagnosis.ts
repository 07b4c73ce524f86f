import { errnoWords } from '../core/errno.ts';
import type { StepOf } from '../plan/step.ts';

const [ENOENT, EACCES] = [2, 13];

export interface Diagnosis {
	readonly message: string;
	readonly hint?: string | undefined;
}

export interface Refusal {
	readonly errno: number;
	/** It is there: execve(2) itself has refused it, for want of its interpreter where the errno is ENOENT. */
	readonly isFound: boolean;
}

/**
 * A program that cannot be run, in the words that podman, docker and containerd look for (docs/engines.md): they make the exit
 * codes 126 and 127 of them. What was found out of the cause becomes the hint.
 */
export function engineDiagnosis(step: StepOf<'exec'>, { errno, isFound }: Refusal, found: Diagnosis): Diagnosis {
	const command = step.argv[0] ?? '';
	const cause = found.hint === undefined ? found.message : `${found.message}; ${found.hint}`;
	return {
		message: `unable to start container process: ${
			isFound && errno === ENOENT
				? `exec ${command}: ${errnoWords(errno)}`
				: `exec: ${JSON.stringify(command)}: ${words(command, errno)}`
		}`,
		hint: cause,
	};
}

function words(command: string, errno: number): string {
	if (errno === ENOENT && !command.includes('/')) return 'executable file not found in $PATH';
	if (errno === ENOENT) return `stat ${command}: no such file or directory`;
	return errno === EACCES ? 'permission denied' : errnoWords(errno);
}
