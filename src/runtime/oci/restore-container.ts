import {
	closeSync,
	constants as files,
	mkdirSync,
	openSync,
	readFileSync,
	realpathSync,
	renameSync,
	rmdirSync,
	statSync,
	writeFileSync,
} from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { type ContainerId, parseContainerId } from '../../core/brands.ts';
import { TsrunError } from '../../core/errors.ts';
import { attempt } from '../../core/system-failure.ts';
import { planNotes } from '../../explain/plan-notes.ts';
import { encodePlan } from '../../native/encode.ts';
import { runTeardown } from '../../native/machine.ts';
import { mount, umount2 } from '../../native/mount-calls.ts';
import { noteRestored, noteRestoring } from '../../native/progress.ts';
import { waitPid } from '../../native/wait-pid.ts';
import { enterCgroupSteps } from '../../plan/cgroup/enter-cgroup-steps.ts';
import { externalNamespaces, RESTORE_LOG, type RestoreFlags, restoreOptions } from '../../plan/criu/criu-options.ts';
import { hookSteps } from '../../plan/hooks.ts';
import { MNT_DETACH, MS } from '../../plan/linux-constants.ts';
import { readProcessStat } from '../../state/init-process.ts';
import { reconcile } from '../../state/reconcile.ts';
import {
	containerStateDir,
	createContainerState,
	openStateDirectory,
	removeContainerState,
	requireFreeId,
	type StateDirectory,
} from '../../state/state-directory.ts';
import { makeDirectories, STREAMS_FILE } from './checkpoint-container.ts';
import { type ConsoleSocket, connectConsole } from './console-socket.ts';
import { placeInRoot } from './place-in-root.ts';
import { type CreateOptions, type PreparedBundle, prepareBundle } from './prepare-bundle.ts';
import { requireSystemd } from './require-systemd.ts';
import { runCriu } from './run-criu.ts';
import { runSetupSteps } from './run-setup-steps.ts';

const MAX_STREAMS_FILE = 4096;

export interface RestoreRequest {
	readonly stateRoot: string;
	readonly id: string;
	readonly bundle: string;
	readonly criu: string;
	readonly options: CreateOptions;
	readonly flags: RestoreFlags;
}

/**
 * runc's `restore`: a container whose processes come from the images of a checkpoint. Mounts, cgroup, its limits, hooks and
 * annotations are those of the bundle; of the images' directory only CRIU's own files and the names of the standard streams are read.
 * @returns 0 where it goes on by itself, else the exit code of its program, for which this waits
 * @throws TsrunError TSRUN_ID_IN_USE, TSRUN_BAD_CONFIG, TSRUN_CRIU, TSRUN_CONSOLE_SOCKET
 */
export async function restoreContainer(request: RestoreRequest): Promise<number> {
	const { stateRoot, id: text, bundle, options, flags } = request;
	const id = parseContainerId(text);
	if (options.systemdCgroup === true) requireSystemd();
	const directory = openStateDirectory(stateRoot);
	reconcile(directory, runTeardown);
	requireFreeId(directory, id);
	requireImages(flags.imagePath);
	const stateDir = containerStateDir(directory, id);
	const prepared = prepareBundle({ id, bundle, options, stateDir });
	refuseForeground(prepared, options);
	const namespaces = openNamespaces(prepared);
	const console = options.consoleSocket === undefined ? undefined : connectConsole(options.consoleSocket);
	try {
		return await restore(request, { id, directory, prepared, namespaces, console });
	} finally {
		for (const fd of namespaces) closeSync(fd);
		console?.close();
	}
}

interface RestorePlace {
	readonly id: ContainerId;
	readonly directory: StateDirectory;
	readonly prepared: PreparedBundle;
	readonly namespaces: readonly number[];
	readonly console: ConsoleSocket | undefined;
}

async function restore(request: RestoreRequest, place: RestorePlace): Promise<number> {
	const { options, flags } = request;
	const { id, directory, prepared } = place;
	makeDirectories(flags);
	const plan = encodePlan(prepared.plan, { notes: planNotes(prepared.plan) });
	const progressFd = createContainerState(directory, {
		state: prepared.state,
		plan,
		files: { 'config.json': JSON.stringify(prepared.bundle.config) },
	});
	const scopes = prepared.scope === undefined ? undefined : await import('./systemd-scope.ts');
	try {
		if (prepared.scope !== undefined) scopes?.startScope(prepared.scope);
	} catch (error) {
		removeContainerState(directory, id, id);
		throw error;
	}
	const steps = { setup: prepared.plan.setup.length, init: prepared.plan.init.length };
	const remove = (): void => {
		runTeardown({ plan, progressFd });
		if (prepared.state.bundle !== undefined) scopes?.stopScopeOf(prepared.state.bundle, true);
		removeContainerState(directory, id, id);
	};
	try {
		noteRestoring(progressFd, steps);
		const init = restoreProcesses(request, place);
		noteRestored(progressFd, steps, {
			init,
			initStart: readProcessStat(init)?.startTime ?? 0n,
			now: BigInt(Date.now()) * 1_000_000n,
		});
		writePidFile(options.pidFile, init);
		if (options.life !== 'supervised') return 0;
		const { exitCode, signal } = waitPid(init);
		if (!options.keep) remove();
		return exitCode ?? 128 + (constants.signals[signal as NodeJS.Signals] ?? 0);
	} catch (error) {
		remove();
		throw error;
	} finally {
		closeSync(progressFd);
	}
}

/** @returns the pid of init */
function restoreProcesses(
	{ criu, flags }: RestoreRequest,
	{ id, directory, prepared, namespaces, console }: RestorePlace,
): number {
	const { plan, state, bundle } = prepared;
	const { spec, rootfs } = bundle;
	const maskedFiles = (spec.linux?.maskedPaths ?? []).filter(path => isFileIn('/', path));
	const hooks = hookSteps(spec, { id, bundle: bundle.directory }, ['prestart', 'createRuntime']);
	const streams = readStreams(flags.imagePath);
	const placeOf = (destination: string): string => placeInRoot(rootfs, destination);
	return withRootMounted(rootfs, join(containerStateDir(directory, id), 'criu-root'), root =>
		runCriu({
			program: criu,
			type: 'restore',
			flags,
			descriptors: namespaces,
			log: RESTORE_LOG,
			optionsFor: (directories, criuPid) => {
				// CRIU makes its children where it is, and the limits hold before the first of them is there.
				runSetupSteps(enterCgroupSteps(plan, state.bundle?.cgroups ?? {}, criuPid), criuPid);
				const cgroups = cgroupsOf(criuPid);
				return restoreOptions(spec, { ...directories, maskedFiles, placeOf, streams, root, cgroups }, flags);
			},
			notice: ({ script, pid, descriptors }) => {
				if (script === 'setup-namespaces') runSetupSteps(hooks, pid);
				const [master] = descriptors;
				if (script === 'orphan-pts-master' && master !== undefined) console?.send(master);
			},
		}),
	);
}

/** Nobody relays between the terminal of a container and that of this process, as there is no supervisor. */
function refuseForeground({ bundle: { spec } }: PreparedBundle, { life }: CreateOptions): void {
	if (life !== 'supervised' || spec.process?.terminal !== true) return;
	throw new TsrunError('TSRUN_UNSUPPORTED', 'restore: a container with a terminal is not restored in the foreground', {
		hint: 'config.json /process/terminal is true: give --detach and --console-socket PATH',
		exitCode: 1,
	});
}

function openNamespaces({ bundle: { spec } }: PreparedBundle): readonly number[] {
	return externalNamespaces(spec).map(({ type, path }) =>
		attempt({ code: 'TSRUN_CRIU', action: `open the ${type} namespace ${path}` }, () => openSync(path, 'r')),
	);
}

function writePidFile(path: string | undefined, init: number): void {
	if (path === undefined) return;
	const temporary = `${path}.${process.pid}`;
	writeFileSync(temporary, String(init));
	renameSync(temporary, path);
}

function requireImages(path: string): void {
	if (statSync(join(path, 'inventory.img'), { throwIfNoEntry: false })?.isFile() === true) return;
	throw new TsrunError('TSRUN_NO_CHECKPOINT', `restore: ${path} holds no checkpoint (no inventory.img)`, {
		hint: 'name the directory that checkpoint --image-path wrote',
		exitCode: 1,
	});
}

/** CRIU wants the root as a mount of its own. */
function withRootMounted<T>(rootfs: string, point: string, work: (root: string) => T): T {
	mkdirSync(point, { mode: 0o700 });
	try {
		mount({ source: realpathSync(rootfs), target: point, flags: MS.BIND | MS.REC });
		try {
			mount({ source: '', target: point, flags: MS.PRIVATE | MS.REC });
			return work(point);
		} finally {
			umount2(point, MNT_DETACH);
		}
	} finally {
		rmdirSync(point);
	}
}

/** The streams of an image may be a link to anything: it is opened without following one, and read to a limit (CVE-2026-53489). */
function readStreams(imagePath: string): readonly string[] {
	try {
		const fd = openSync(join(imagePath, STREAMS_FILE), files.O_RDONLY | files.O_NOFOLLOW | files.O_NONBLOCK);
		try {
			const text = readFileSync(fd, 'utf8').slice(0, MAX_STREAMS_FILE);
			const streams: unknown = JSON.parse(text);
			return Array.isArray(streams) ? streams.slice(0, 3).map(String) : [];
		} finally {
			closeSync(fd);
		}
	} catch {
		return [];
	}
}

function isFileIn(root: string, path: string): boolean {
	return statSync(join(root, path), { throwIfNoEntry: false })?.isDirectory() === false;
}

/** Of a process, in each hierarchy: cgroup2 stands without a controller. */
function cgroupsOf(pid: number): readonly { readonly ctrl?: string; readonly path: string }[] {
	return readFileSync(`/proc/${pid}/cgroup`, 'utf8')
		.trim()
		.split('\n')
		.map(line => {
			const [, ctrl = '', ...path] = line.split(':');
			return { ...(ctrl === '' ? {} : { ctrl }), path: path.join(':') };
		});
}
