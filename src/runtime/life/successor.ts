import type { ContainerId } from '../../core/brands.ts';
import type { RestartPolicy } from '../../core/restart-policy.ts';
import type { StateDirectory } from '../../state/state-directory.ts';

/** argv of what a supervisor becomes after the end: this program, which decides whether the container runs again. */
export function successorOf(
	{ kind }: RestartPolicy,
	program: readonly string[],
	directory: StateDirectory,
	id: ContainerId,
): readonly string[] {
	return kind === 'no' || program.length === 0 ? [] : [...program, 'run-again', directory.root, id];
}
