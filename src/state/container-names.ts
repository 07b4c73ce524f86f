import { closeSync, existsSync, openSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { TsrunError } from '../core/errors.ts';
import { join } from '../core/paths.ts';
import { flock } from '../native/syscalls.ts';
import type { ContainerState } from './container-state.ts';
import type { StateDirectory } from './state-directory.ts';

export const NAMES = '.names';
export const nameLink = ({ root }: StateDirectory, name: string): string => join(root, NAMES, name);

/**
 * Names and unfinished directories change under one lock. The kernel frees it however its holder ends, so what its next holder
 * finds unfinished is nobody's.
 */
export function oneAtATime<T>(directory: StateDirectory, work: () => T): T {
	const fd = openSync(join(directory.root, NAMES), 'r');
	try {
		flock(fd, 'exclusive');
		return work();
	} finally {
		closeSync(fd);
	}
}

export function claimName(directory: StateDirectory, { name, id }: ContainerState): void {
	const link = nameLink(directory, name);
	try {
		symlinkSync(id, link);
		return;
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
	}
	const owner = ownerOf(directory, name);
	if (owner !== undefined && existsSync(join(directory.root, owner))) {
		throw new TsrunError(
			'TSRUN_NAME_IN_USE',
			`the container name ${JSON.stringify(name)} is already in use by container ${owner.slice(0, 12)}`,
			{
				hint: `remove it with: tsrun rm ${name}`,
			},
		);
	}
	rmSync(link, { force: true });
	symlinkSync(id, link);
}

export function ownerOf(directory: StateDirectory, name: string): string | undefined {
	try {
		return readlinkSync(nameLink(directory, name));
	} catch {
		return undefined;
	}
}

export function unlinkName(directory: StateDirectory, { name, id }: Pick<ContainerState, 'name' | 'id'>): void {
	if (ownerOf(directory, name) === id) rmSync(nameLink(directory, name), { force: true });
}
