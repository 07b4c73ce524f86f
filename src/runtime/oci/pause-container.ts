import { TsrunError } from '../../core/errors.ts';
import { hasProcess } from '../../state/has-process.ts';
import {
	type ContainerRecord,
	containerStateDir,
	openStateDirectory,
	readContainer,
	type StateDirectory,
	withContainer,
} from '../../state/state-directory.ts';
import { bringHealthBack, setHealthAside } from '../health/health-files.ts';
import { containerCgroups } from './container-cgroups.ts';
import { findBundleContainer } from './find-bundle-container.ts';
import { freeze, isFrozen, thaw } from './freezer.ts';
import { notRunning } from './not-running.ts';

/**
 * runc's `pause`: every process of the container stands still until it is resumed.
 * @throws TsrunError TSRUN_CONTAINER_NOT_RUNNING, also where it is paused already
 */
export function pauseContainer(stateRoot: string, container: string): void {
	change(stateRoot, container, (cgroups, stateDir) => {
		if (cgroups === undefined || isFrozen(cgroups)) throw notRunning();
		setHealthAside(stateDir);
		try {
			freeze(cgroups);
		} catch (error) {
			bringHealthBack(stateDir);
			throw error;
		}
	});
}

/**
 * runc's `resume`.
 * @throws TsrunError TSRUN_CONTAINER_NOT_PAUSED
 */
export function resumeContainer(stateRoot: string, container: string): void {
	change(stateRoot, container, (cgroups, stateDir) => {
		if (cgroups === undefined || !isFrozen(cgroups)) {
			// whoever paused it was killed before it stood still
			bringHealthBack(stateDir);
			throw new TsrunError('TSRUN_CONTAINER_NOT_PAUSED', 'container not paused', { exitCode: 1 });
		}
		thaw(cgroups);
		bringHealthBack(stateDir);
	});
}

/** @param act is given the cgroups of a container that has a process, else nothing */
function change(
	stateRoot: string,
	container: string,
	act: (cgroups: Readonly<Record<string, string>> | undefined, stateDir: string) => void,
): void {
	const directory = openStateDirectory(stateRoot);
	const { id } = findBundleContainer(directory, container).state;
	withContainer(directory, id, () => act(cgroupsOfLiving(directory, id), containerStateDir(directory, id)));
}

function cgroupsOfLiving(
	directory: StateDirectory,
	id: ContainerRecord['state']['id'],
): Readonly<Record<string, string>> | undefined {
	const record = readContainer(directory, id);
	return record !== undefined && hasProcess(record) ? containerCgroups(record) : undefined;
}
