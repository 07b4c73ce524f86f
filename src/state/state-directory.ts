import {
	closeSync,
	existsSync,
	mkdirSync,
	openSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	writeFileSync,
	writeSync,
} from 'node:fs';
import { type ContainerId, isContainerId, parseContainerId } from '../core/brands.ts';
import { TsrunError } from '../core/errors.ts';
import { join } from '../core/paths.ts';
import { attempt } from '../core/system-failure.ts';
import { isInUserNamespace } from '../native/is-in-user-namespace.ts';
import { decodeProgress, emptyProgress, isNeverStarted, type Progress } from '../native/progress.ts';
import { flock } from '../native/syscalls.ts';
import { claimName, NAMES, nameLink, oneAtATime, ownerOf, unlinkName } from './container-names.ts';
import type { ContainerState, ContainerStatus } from './container-state.ts';
import { bundleStatus, isInitAlive } from './init-process.ts';
import { requireOwnDirectory } from './require-own-directory.ts';

/**
 * `<root>/<id>/` holds `state.json`, `plan` and `progress`; `<root>/.names/<name>` is a link to an id. Whoever supervises a
 * container holds a lock on its `progress`: when the lock is free and the teardown is not done, the container is dead. A pid
 * decides nothing, so a pid that is used again confuses nothing.
 */
export interface StateDirectory {
	readonly root: string;
}

/**
 * `TSRUN_STATE`, or /run/tsrun for root and the user's runtime directory otherwise. A user who is root in a user namespace, as rootless
 * podman's, has no right to /run: the runtime directory tells of one, unless `USER` says root (runc's rule).
 */
export function stateRoot(
	env: Readonly<Record<string, string | undefined>>,
	uid: number,
	isNested: () => boolean = isInUserNamespace,
): string {
	const { XDG_RUNTIME_DIR: runtime } = env;
	const isRoot = uid === 0 && !(runtime && env.USER !== 'root' && isNested());
	return env.TSRUN_STATE || (isRoot ? '/run/tsrun' : join(runtime || `/tmp/tsrun-${uid}`, 'tsrun'));
}

export function openStateDirectory(root: string): StateDirectory {
	const hint = 'choose another place for the state of containers with --root';
	attempt({ code: 'TSRUN_STATE', action: `make the state directory ${root}`, hint }, () =>
		mkdirSync(join(root, NAMES), { recursive: true, mode: 0o700 }),
	);
	requireOwnDirectory(root, process.geteuid?.() ?? 0);
	return { root };
}

export const containerStateDir = ({ root }: StateDirectory, id: ContainerId): string => join(root, id);

/**
 * Makes the state of a new container, complete or not at all, and claims its name.
 * @returns the descriptor of its progress file, locked: while it is open, the container has a supervisor
 * @param files further ones of its directory
 * @throws TsrunError TSRUN_NAME_IN_USE, TSRUN_ID_IN_USE
 */
export function createContainerState(
	directory: StateDirectory,
	{ state, plan, timed, stepper, files = {} }: NewContainer,
): number {
	return oneAtATime(directory, () => {
		requireFreeId(directory, state.id);
		const fresh = join(directory.root, `${UNFINISHED}${state.id}`);
		mkdirSync(fresh, { mode: 0o700 });
		try {
			claimName(directory, state);
			const fd = openSync(join(fresh, 'progress'), 'wx+', 0o600);
			flock(fd, 'exclusive', true);
			writeSync(fd, emptyProgress(0, timed, stepper));
			writeFileSync(join(fresh, 'plan'), plan, { mode: 0o600 });
			writeFileSync(join(fresh, 'state.json'), JSON.stringify(state), { mode: 0o600 });
			for (const [name, text] of Object.entries(files)) writeFileSync(join(fresh, name), text, { mode: 0o600 });
			renameSync(fresh, containerStateDir(directory, state.id));
			return fd;
		} catch (error) {
			rmSync(fresh, { recursive: true, force: true });
			unlinkName(directory, state);
			throw error;
		}
	});
}

export interface NewContainer {
	readonly state: ContainerState;
	/** In wire form. */
	readonly plan: Uint8Array;
	/** How many steps it has, where their times are to be noted. */
	readonly timed?: number;
	/** The process that lets each of them go. */
	readonly stepper?: number;
	readonly files?: Readonly<Record<string, string>>;
}

/** @throws TsrunError TSRUN_ID_IN_USE */
export function requireFreeId(directory: StateDirectory, id: ContainerId): void {
	if (!existsSync(containerStateDir(directory, id))) return;
	throw new TsrunError('TSRUN_ID_IN_USE', `container with given ID already exists: ${id}`, {
		hint: `delete it first: tsrun delete ${id}`,
	});
}

/** Directories that are not yet a container's. */
const UNFINISHED = '.new-';

export interface ContainerRecord {
	readonly state: ContainerState;
	readonly status: ContainerStatus;
	readonly progress: Progress;
}

/** Ids of all containers, in no order; none where no container has been. */
export function listContainerIds({ root }: StateDirectory): readonly ContainerId[] {
	if (!existsSync(root)) return [];
	return readdirSync(root).filter(isContainerId).map(parseContainerId);
}

/** Undefined where the container has gone meanwhile. */
export function readContainer(directory: StateDirectory, id: ContainerId): ContainerRecord | undefined {
	const path = containerStateDir(directory, id);
	try {
		const state = JSON.parse(readFileSync(join(path, 'state.json'), 'utf8')) as ContainerState;
		const supervised = isSupervised(path);
		const progress = decodeProgress(readFileSync(join(path, 'progress')));
		if (progress === undefined) return undefined;
		return { state, progress, status: statusOf(state, progress, supervised) };
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
		throw error;
	}
}

/** A shared lock: any number of commands may look at once, and none is mistaken for a supervisor. */
function isSupervised(path: string): boolean {
	const fd = openSync(join(path, 'progress'), 'r');
	try {
		return !flock(fd, 'shared', true);
	} finally {
		closeSync(fd);
	}
}

function statusOf(state: ContainerState, progress: Progress, supervised: boolean): ContainerStatus {
	if (state.bundle !== undefined) return bundleStatus(progress, supervised, isInitAlive(progress));
	if (isNeverStarted(progress)) return 'created';
	if (progress.tornDown !== undefined && !state.autoRemove)
		return supervised && willRestart(state) ? 'restarting' : 'exited';
	if (!supervised) return 'dead';
	return progress.started === undefined ? 'creating' : 'running';
}

const willRestart = ({ run }: ContainerState): boolean => run !== undefined && run.restart.kind !== 'no';

/**
 * Calls `use` with the progress file of a container that nobody supervises, while holding its lock.
 * @returns false where somebody supervises it
 */
export function tryLock(directory: StateDirectory, id: ContainerId, use: (progressFd: number) => void): boolean {
	const fd = openSync(join(containerStateDir(directory, id), 'progress'), 'r+');
	try {
		if (!flock(fd, 'exclusive', true)) return false;
		use(fd);
		return true;
	} finally {
		closeSync(fd);
	}
}

/** Claims another name for a container, then gives up the one that it has. @throws TsrunError TSRUN_NAME_IN_USE */
export function renameContainerState(directory: StateDirectory, state: ContainerState, name: string): void {
	oneAtATime(directory, () => {
		const renamed = { ...state, name };
		claimName(directory, renamed);
		const path = join(containerStateDir(directory, state.id), 'state.json');
		writeFileSync(`${path}.new`, JSON.stringify(renamed), { mode: 0o600 });
		renameSync(`${path}.new`, path);
		unlinkName(directory, state);
	});
}

/**
 * Commands that change one container do so one after the other. A container that is being removed is none.
 * @throws TsrunError TSRUN_NO_SUCH_CONTAINER where it has been removed since it was found, by a command at the same time
 */
export function withContainer<T>(directory: StateDirectory, id: ContainerId, work: () => T): T {
	const fd = openContainer(directory, id);
	try {
		flock(fd, 'exclusive');
		return work();
	} finally {
		closeSync(fd);
	}
}

function openContainer(directory: StateDirectory, id: ContainerId): number {
	try {
		return openSync(containerStateDir(directory, id), 'r');
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
		throw new TsrunError('TSRUN_NO_SUCH_CONTAINER', `container does not exist any more: ${id}`, { exitCode: 1 });
	}
}

/** The plan of a container, in wire form. */
export function readPlan(directory: StateDirectory, id: ContainerId): Uint8Array {
	return readFileSync(join(containerStateDir(directory, id), 'plan'));
}

/** Forgets a container: its state directory, at once, then its name. What it left elsewhere must be gone already. */
export function removeContainerState(directory: StateDirectory, id: ContainerId, name: string): void {
	const gone = join(directory.root, `${UNFINISHED}${id}`);
	oneAtATime(directory, () => {
		rmSync(gone, { recursive: true, force: true });
		if (existsSync(containerStateDir(directory, id))) renameSync(containerStateDir(directory, id), gone);
		rmSync(gone, { recursive: true, force: true });
		unlinkName(directory, { name, id });
	});
}

/** Through it comes the start of a created container; named as runc's, by which tools tell it from a descriptor that leaked. */
export const START_FIFO = 'exec.fifo';

/** What a container in the background reads; whoever attaches writes there. */
export const STDIN_FIFO = 'stdin';

/** There from the moment that somebody asks for the end, until the next start. */
export const STOPPED = 'stopped';

/** What a container's state directory holds. */
const OWN_FILES: readonly string[] = [
	'state.json',
	'state.json.new',
	'plan',
	'progress',
	'config.json',
	START_FIFO,
	'exec',
	'restored.pid',
	'networks.json',
	'networks.json.new',
	STDIN_FIFO,
	STOPPED,
	'restarts',
	'health',
	'health.paused',
];

/**
 * Removes a directory that is all that is left of a container. Ids are names that others may give to directories too: one that
 * holds nothing of tsrun's, or more than that, is somebody else's.
 */
export function removeRest(directory: StateDirectory, id: ContainerId): boolean {
	const path = containerStateDir(directory, id);
	const entries = readdirSync(path);
	const isOurs = entries.length === 0 ? /^[0-9a-f]{64}$/.test(id) : entries.every(entry => OWN_FILES.includes(entry));
	if (isOurs) rmSync(path, { recursive: true, force: true });
	return isOurs;
}

/** Removes what was left by a process that was killed while it made or removed a state directory: directories and names. */
export function removeUnfinished(directory: StateDirectory): void {
	const names = readdirSync(join(directory.root, NAMES));
	const isClean = names.every(name => isOwned(directory, name)) && unfinished(directory).length === 0;
	if (isClean) return;
	oneAtATime(directory, () => {
		for (const entry of unfinished(directory)) rmSync(join(directory.root, entry), { recursive: true, force: true });
		for (const name of names.filter(each => !isOwned(directory, each)))
			rmSync(nameLink(directory, name), { force: true });
	});
}

const unfinished = ({ root }: StateDirectory): readonly string[] =>
	readdirSync(root).filter(entry => entry.startsWith(UNFINISHED));

function isOwned(directory: StateDirectory, name: string): boolean {
	const owner = ownerOf(directory, name);
	return owner !== undefined && existsSync(join(directory.root, owner));
}
