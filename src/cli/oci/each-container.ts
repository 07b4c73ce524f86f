import { isOfRun } from '../../runtime/life/is-of-run.ts';
import type { StateDirectory } from '../../state/state-directory.ts';
import { printResults } from '../life/print-results.ts';

/**
 * docker's commands print the containers that they are done with, and go on after one that fails; runc's print nothing, and take one.
 * @param act is told whether the container is of `tsrun run`
 */
export function forEachContainer(
	directory: StateDirectory,
	containers: readonly string[],
	act: (container: string, ofRun: boolean) => void,
): void {
	const attempt = (container: string): void => {
		const ofRun = isOfRun(directory, container);
		act(container, ofRun);
		if (ofRun) printResults([{ container }]);
	};
	const [only] = containers;
	if (containers.length === 1 && only !== undefined) {
		attempt(only);
		return;
	}
	for (const container of containers) {
		try {
			attempt(container);
		} catch (error) {
			printResults([{ container, error }]);
		}
	}
}
