import {
	closeSync,
	constants as files,
	mkdirSync,
	openSync,
	readFileSync,
	realpathSync,
	renameSync,
	rmdirSync,
	rmSync,
	statSync,
	writeFileSync,
} from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { parseContainerId } from '../../core/brands.ts';
import { TsrunError } from '../../core/errors.ts';
import { planNotes } from '../../explain/plan-notes.ts';
import { encodePlan } from '../../native/encode.ts';
import { runTeardown } from '../../native/machine.ts';
import { mount, umount2 } from '../../native/mount-calls.ts';
import { noteRestored } from '../../native/progress.ts';
import { waitPid } from '../../native/wait-pid.ts';
import { MNT_DETACH, MS } from '../../plan/linux-constants.ts';
import { RESTORE_LOG, type RestoreFlags, restoreArguments } from '../../spec/criu-arguments.ts';
import { readProcessStat } from '../../state/init-process.ts';
import { reconcile } from '../../state/reconcile.ts';
import {
	containerStateDir,
	createContainerState,
	openStateDirectory,
	removeContainerState,
	requireFreeId,
} from '../../state/state-directory.ts';
import { makeDirectories, refuseTerminal, STREAMS_FILE } from './checkpoint-container.ts';
import { type CreateOptions, prepareBundle } from './prepare-bundle.ts';
import { runCriu } from './run-criu.ts';

const MAX_STREAMS_FILE = 4096;

export interface RestoreRequest {
	readonly stateRoot: string;
	readonly id: string;
	readonly bundle: string;
	readonly criu: string;
	readonly options: CreateOptions;
	readonly flags: Omit<RestoreFlags, 'streams' | 'pidFile' | 'root'>;
}

/**
 * runc's `restore`: a container whose processes come from the images of a checkpoint. Mounts, cgroup and annotations are those of
 * the bundle; of the images' directory only CRIU's own files and the names of the standard streams are read.
 * @returns 0 where it goes on by itself, else the exit code of its program, for which this waits
 * @throws TsrunError TSRUN_ID_IN_USE, TSRUN_BAD_CONFIG, TSRUN_CRIU
 */
export function restoreContainer({ stateRoot, id: text, bundle, criu, options, flags }: RestoreRequest): number {
	const id = parseContainerId(text);
	refuseScope(options);
	const directory = openStateDirectory(stateRoot);
	reconcile(directory, runTeardown);
	requireFreeId(directory, id);
	requireImages(flags.imagePath);
	const stateDir = containerStateDir(directory, id);
	const prepared = prepareBundle({ id, bundle, options, stateDir });
	const { spec, rootfs, config } = prepared.bundle;
	refuseTerminal(spec.process?.terminal === true, 'restore');
	makeDirectories(flags);
	const plan = encodePlan(prepared.plan, { notes: planNotes(prepared.plan) });
	const progressFd = createContainerState(directory, {
		state: prepared.state,
		plan,
		files: { 'config.json': JSON.stringify(config) },
	});
	const pidFile = join(stateDir, 'restored.pid');
	try {
		withRootMounted(rootfs, join(stateDir, 'criu-root'), root => {
			const masked = (spec.linux?.maskedPaths ?? []).filter(path => isFileIn('/', path));
			runCriu({
				program: criu,
				args: restoreArguments(
					spec,
					{ maskedFiles: masked, cgroups: cgroupRoots(prepared.state.bundle?.cgroups ?? {}) },
					{ ...flags, root, pidFile, streams: readStreams(flags.imagePath) },
				),
				log: RESTORE_LOG,
				workPath: flags.workPath,
			});
		});
		const init = Number(readFileSync(pidFile, 'latin1').trim());
		rmSync(pidFile, { force: true });
		noteRestored(progressFd, {
			init,
			initStart: readProcessStat(init)?.startTime ?? 0n,
			now: BigInt(Date.now()) * 1_000_000n,
			steps: { setup: prepared.plan.setup.length, init: prepared.plan.init.length },
		});
		writePidFile(options.pidFile, init);
		if (options.life !== 'supervised') return 0;
		const { exitCode, signal } = waitPid(init);
		if (!options.keep) {
			runTeardown({ plan, progressFd });
			removeContainerState(directory, id, id);
		}
		return exitCode ?? 128 + (constants.signals[signal as NodeJS.Signals] ?? 0);
	} catch (error) {
		runTeardown({ plan, progressFd });
		removeContainerState(directory, id, id);
		throw error;
	} finally {
		closeSync(progressFd);
	}
}

/** CRIU makes the cgroups itself, behind systemd's back. */
function refuseScope({ systemdCgroup }: CreateOptions): void {
	if (systemdCgroup !== true) return;
	throw new TsrunError('TSRUN_UNSUPPORTED', 'restore: not into a scope of systemd', {
		hint: 'leave out --systemd-cgroup, and give the bundle a path as linux.cgroupsPath',
		exitCode: 1,
	});
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
function withRootMounted(rootfs: string, point: string, work: (root: string) => void): void {
	mkdirSync(point, { mode: 0o700 });
	try {
		mount({ source: realpathSync(rootfs), target: point, flags: MS.BIND | MS.REC });
		try {
			mount({ source: '', target: point, flags: MS.PRIVATE | MS.REC });
			work(point);
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

/** `[controller:]/path`, as CRIU takes it: below the mount of the hierarchy. */
function cgroupRoots(cgroups: Readonly<Record<string, string>>): readonly string[] {
	const path = cgroups.unified?.replace(/^\/sys\/fs\/cgroup(\/unified)?/, '');
	return path === undefined ? [] : [path];
}
