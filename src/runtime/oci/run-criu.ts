import { accessSync, closeSync, constants, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TsrunError } from '../../core/errors.ts';
import { askCriu, type CriuTalk } from '../../native/criu-worker.ts';
import type { CriuDirectories, CriuFlags } from '../../plan/criu/criu-options.ts';
import type { CriuOptions } from '../../plan/criu/criu-request.ts';

export interface CriuRun extends Pick<CriuTalk, 'notice'> {
	/** `criu`, or the path of `--criu`. */
	readonly program: string;
	readonly type: 'dump' | 'pre-dump' | 'restore';
	/** Name of its log in the working directory. */
	readonly log: string;
	readonly flags: Pick<CriuFlags, 'imagePath' | 'workPath'>;
	/** CRIU is there, and waits for this. */
	readonly optionsFor: (directories: CriuDirectories, criu: number) => CriuOptions;
	/** Its descriptors from 4 on. */
	readonly descriptors: readonly number[];
}

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/** Whatever this process was started with may lead a program of the host astray. */
const ENVIRONMENT = { PATH };

/**
 * Runs CRIU to its end.
 * @returns the pid of the restored init; 0 after a dump
 * @throws TsrunError TSRUN_CRIU with the first error of its log; what `optionsFor` or `notice` threw
 */
export function runCriu({ program, type, log, flags, optionsFor, descriptors, notice }: CriuRun): number {
	const path = findCriu(program);
	const directories = [flags.imagePath, flags.workPath].map(each => openSync(each, constants.O_DIRECTORY));
	try {
		const [imagesDirFd = -1, workDirFd = -1] = directories;
		const request = (pid: number) => ({ type, opts: optionsFor({ imagesDirFd, workDirFd }, pid) });
		const { response, end } = askCriu({ path, env: ENVIRONMENT, descriptors }, { request, notice });
		// After a pre-dump CRIU waits for more to do, and fails where nothing comes.
		if (response?.success === true && (type === 'pre-dump' || end.exitCode === 0)) return response.restored ?? 0;
		const logPath = join(flags.workPath, log);
		const reason =
			firstError(logPath) ?? response?.message ?? `it ended with ${end.signal ?? `status ${end.exitCode}`}`;
		throw new TsrunError('TSRUN_CRIU', `criu failed: ${type}: ${reason}`, {
			hint: `the whole log is ${logPath}; criu check tells whether this kernel has all that it needs`,
			exitCode: 1,
		});
	} finally {
		for (const fd of directories) closeSync(fd);
	}
}

function findCriu(program: string): string {
	const places = program.includes('/') ? [program] : PATH.split(':').map(directory => join(directory, program));
	const found = places.find(isExecutable);
	if (found !== undefined) return found;
	throw new TsrunError('TSRUN_CRIU', `cannot run ${program}: not found`, {
		hint: 'checkpoints are made by CRIU: install the package criu, or name the program with --criu',
		exitCode: 1,
	});
}

function isExecutable(path: string): boolean {
	try {
		accessSync(path, constants.X_OK);
		return true;
	} catch {
		return false;
	}
}

/** `(00.012345) Error (criu/x.c:12): what` → `what`. */
function firstError(path: string): string | undefined {
	try {
		return /^\([\d.]+\)\s+(?:\d+:\s+)?Error \([^)]*\): (.*)$/m.exec(readFileSync(path, 'utf8'))?.[1];
	} catch {
		return undefined;
	}
}
