import { mkdirSync, readFileSync, readlinkSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TsrunError } from '../../core/errors.ts';
import { type CriuFlags, DUMP_LOG, type DumpFlags, dumpArguments } from '../../spec/criu-arguments.ts';
import { validateSpec } from '../../spec/validate-spec.ts';
import { containerStateDir, openStateDirectory, readContainer, withContainer } from '../../state/state-directory.ts';
import { findBundleContainer } from './find-bundle-container.ts';
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
 * runc's `checkpoint`: writes the state of all processes into files, by CRIU.
 * @throws TsrunError TSRUN_CONTAINER_STATE, TSRUN_UNSUPPORTED, TSRUN_CRIU
 */
export function checkpointContainer({ stateRoot, container, criu, flags }: CheckpointRequest): void {
	const directory = openStateDirectory(stateRoot);
	const { id } = findBundleContainer(directory, container).state;
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
		refuseTerminal(spec.process?.terminal === true, 'checkpoint');
		const { init } = record.progress;
		makeDirectories(flags);
		const masked = (spec.linux?.maskedPaths ?? []).filter(path => isFile(join(`/proc/${init}/root`, path)));
		writeFileSync(join(flags.imagePath, STREAMS_FILE), JSON.stringify(streamsOf(init)), { mode: 0o600 });
		runCriu({
			program: criu,
			args: dumpArguments(spec, { init, maskedFiles: masked }, flags),
			log: DUMP_LOG,
			workPath: flags.workPath,
		});
	});
}

/** CRIU tells of the other end of a terminal only over its RPC, not on its command line. */
export function refuseTerminal(hasTerminal: boolean, command: string): void {
	if (!hasTerminal) return;
	throw new TsrunError('TSRUN_UNSUPPORTED', `${command}: a container with a terminal cannot be restored`, {
		hint: 'config.json /process/terminal is true: make the container without one',
		exitCode: 1,
	});
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
