import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runTeardown } from '../../native/machine.ts';
import { mount } from '../../native/mount-calls.ts';
import { unshare } from '../../native/namespace-calls.ts';
import {
	O_CLOEXEC,
	O_DIRECTORY,
	O_PATH,
	openat2,
	RESOLVE_IN_ROOT,
	RESOLVE_NO_MAGICLINKS,
} from '../../native/syscalls.ts';
import { isBind } from '../../oci/mount-kind.ts';
import type { IdMapping, RuntimeSpec } from '../../oci/runtime-spec.ts';
import { CLONE, MS } from '../../plan/linux-constants.ts';
import { copyFault } from '../../spec/place-copy.ts';
import { findContainer } from '../../state/find-container.ts';
import { isInitAlive } from '../../state/init-process.ts';
import { reconcile } from '../../state/reconcile.ts';
import { type ContainerRecord, containerStateDir, readContainer } from '../../state/state-directory.ts';
import { findContainerLayers } from '../container-layers.ts';
import { openContainerRoots } from '../open-container-roots.ts';

/** The file system of a container, as its processes see it or would see it. */
export interface ContainerRoot {
	/** Descriptor of its root. */
	readonly fd: number;
	/** Empty: ids are those of the host. */
	readonly uidMappings: readonly IdMapping[];
	readonly gidMappings: readonly IdMapping[];
}

const A_ROOT = O_PATH | O_DIRECTORY | O_CLOEXEC;

/**
 * Opens the root of a container. One that runs is entered by its init, with all that is mounted there. One that does not is mounted, with
 * its volumes and binds, in a mount namespace that this process makes for itself, so nobody else ever sees that.
 * @throws TsrunError TSRUN_NO_SUCH_CONTAINER, TSRUN_CP
 */
export function openContainerRoot(
	roots: { readonly data: string; readonly state: string },
	container: string,
	intent: 'read' | 'write',
): ContainerRoot {
	const { state: directory } = openContainerRoots(roots);
	reconcile(directory, runTeardown);
	const id = findContainer(directory, container);
	const record = readContainer(directory, id);
	if (record === undefined) throw copyFault(`container ${container} is removed`);
	const spec = specOf(record, containerStateDir(directory, id));
	const { uidMappings = [], gidMappings = [] } = spec.linux ?? {};
	const running = openRunning(record);
	if (running !== undefined) return { fd: running, uidMappings, gidMappings };
	const { bundle } = record.state;
	if (bundle !== undefined) return { fd: openSync(bundle.rootfs, A_ROOT), uidMappings: [], gidMappings: [] };
	if (uidMappings.length > 0 && intent === 'write') {
		throw copyFault(`container ${container} has a user namespace, and nothing is copied into it while it does not run`);
	}
	return { fd: mountStopped(findContainerLayers(roots, container).layers, record, spec), uidMappings, gidMappings };
}

/** Whose start time is right when its root is open, that process's root it is. */
function openRunning({ progress }: ContainerRecord): number | undefined {
	if (!isInitAlive(progress)) return undefined;
	try {
		const fd = openSync(`/proc/${progress.init}/root`, A_ROOT);
		if (isInitAlive(progress)) return fd;
		closeSync(fd);
		return undefined;
	} catch {
		return undefined;
	}
}

function specOf({ state }: ContainerRecord, stateDirectory: string): RuntimeSpec {
	const directory = state.bundle === undefined ? state.directory : stateDirectory;
	return JSON.parse(readFileSync(join(directory, 'config.json'), 'utf8')) as RuntimeSpec;
}

const escapeOption = (path: string): string => path.replace(/[\\,:]/g, '\\$&');

function mountStopped(
	[upper = '', ...lower]: readonly string[],
	{ state }: ContainerRecord,
	{ mounts = [] }: RuntimeSpec,
): number {
	const { directory } = state;
	const target = join(directory, 'merged');
	unshare(CLONE.NEWNS);
	mount({ target: '/', flags: MS.REC | MS.PRIVATE });
	const lowerdir = lower.map(escapeOption).join(':');
	const data = `lowerdir=${lowerdir},upperdir=${escapeOption(upper)},workdir=${escapeOption(join(directory, 'work'))}`;
	mount({ source: 'overlay', target, type: 'overlay', data });
	const root = openSync(target, A_ROOT);
	for (const each of mounts.filter(isBind)) bindInRoot(root, each.source ?? '', each);
	return root;
}

/** A place that is not there any more shows nothing. What is bound lies where the links of the container lead, inside of it. */
function bindInRoot(
	root: number,
	source: string,
	{ destination, options = [] }: { readonly destination: string; readonly options?: readonly string[] },
): void {
	let fd: number;
	try {
		fd = openat2(root, destination, { flags: O_PATH | O_CLOEXEC, resolve: RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS });
	} catch {
		return;
	}
	try {
		mount({ source, target: `/proc/self/fd/${fd}`, flags: MS.BIND | MS.REC });
		if (!options.includes('ro')) return;
		const flags = MS.BIND | MS.REMOUNT | MS.RDONLY;
		const above = openat2(root, destination, {
			flags: O_PATH | O_CLOEXEC,
			resolve: RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
		});
		try {
			mount({ target: `/proc/self/fd/${above}`, flags });
		} finally {
			closeSync(above);
		}
	} catch (error) {
		// its source has gone
		if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
	} finally {
		closeSync(fd);
	}
}
