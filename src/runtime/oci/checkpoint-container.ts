import { closeSync, mkdirSync, readFileSync, readlinkSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { TsrunError } from '../../core/errors.ts';
import { attempt } from '../../core/system-failure.ts';
import type { RuntimeSpec } from '../../oci/runtime-spec.ts';
import {
	type CriuFlags,
	DUMP_LOG,
	type DumpFlags,
	dumpOptions,
	externalNamespaces,
} from '../../plan/criu/criu-options.ts';
import { validateSpec } from '../../spec/validate-spec.ts';
import { containerStateDir, openStateDirectory, readContainer, withContainer } from '../../state/state-directory.ts';
import { findBundleContainer } from './find-bundle-container.ts';
import { placeInRoot } from './place-in-root.ts';
import { loadStopScope, removeBundle } from './remove-bundle.ts';
import { requireParentImages } from './require-parent-images.ts';
import { runCriu } from './run-criu.ts';

/** Beside the images: what the standard streams of init were. */
export const STREAMS_FILE = 'descriptors.json';

export interface CheckpointRequest {
	readonly stateRoot: string;
	readonly container: string;
	readonly criu: string;
	readonly flags: DumpFlags;
}

/**
 * runc's `checkpoint`: writes the state of all processes into files, by CRIU. Then the container is gone, unless it goes on.
 * @throws TsrunError TSRUN_CONTAINER_STATE, TSRUN_UNSUPPORTED, TSRUN_CRIU
 */
export async function checkpointContainer({ stateRoot, container, criu, flags }: CheckpointRequest): Promise<void> {
	const directory = openStateDirectory(stateRoot);
	const found = findBundleContainer(directory, container);
	const { id } = found.state;
	const stopScope = await loadStopScope(found);
	withContainer(directory, id, () => {
		const record = readContainer(directory, id);
		if (record?.status !== 'running') {
			throw new TsrunError(
				'TSRUN_CONTAINER_STATE',
				`cannot checkpoint a container that is ${record?.status ?? 'gone'}`,
				{
					exitCode: 1,
				},
			);
		}
		requireParentImages(flags);
		const config = readFileSync(join(containerStateDir(directory, id), 'config.json'), 'utf8');
		const spec = validateSpec(JSON.parse(config));
		const { init } = record.progress;
		const rootfs = record.state.bundle?.rootfs ?? '/';
		makeDirectories(flags);
		const maskedFiles = (spec.linux?.maskedPaths ?? []).filter(path => isFile(join(`/proc/${init}/root`, path)));
		writeFileSync(join(flags.imagePath, STREAMS_FILE), JSON.stringify(streamsOf(init)), { mode: 0o600 });
		const placeOf = (destination: string): string => placeInRoot(rootfs, destination);
		runCriu({
			program: criu,
			type: flags.preDump ? 'pre-dump' : 'dump',
			log: DUMP_LOG,
			flags,
			descriptors: [],
			optionsFor: directories =>
				dumpOptions(spec, { ...directories, init, maskedFiles, placeOf, inodes: inodesOf(spec) }, flags),
			notice: ({ script }) => {
				if (script === 'status-ready' && flags.statusFd !== undefined) tellReady(flags.statusFd);
			},
		});
		if (!flags.leaveRunning && !flags.preDump) removeBundle(directory, id, { force: true, stopScope });
	});
}

/** Of the namespaces that are there before the container and after it. */
function inodesOf(spec: RuntimeSpec): Readonly<Record<string, number>> {
	return Object.fromEntries(
		externalNamespaces(spec).map(({ type, path }) => [
			type,
			attempt({ code: 'TSRUN_CRIU', action: `read the ${type} namespace ${path}` }, () => statSync(path)).ino,
		]),
	);
}

function tellReady(statusFd: number): void {
	writeSync(statusFd, '\0');
	closeSync(statusFd);
}

export function makeDirectories({ imagePath, workPath }: Pick<CriuFlags, 'imagePath' | 'workPath'>): void {
	for (const path of [imagePath, workPath]) mkdirSync(path, { recursive: true, mode: 0o700 });
}

function isFile(path: string): boolean {
	const stats = statSync(path, { throwIfNoEntry: false });
	return stats !== undefined && !stats.isDirectory();
}

function streamsOf(init: number): readonly string[] {
	return [0, 1, 2].map(fd => {
		try {
			return readlinkSync(`/proc/${init}/fd/${fd}`);
		} catch {
			return '';
		}
	});
}
