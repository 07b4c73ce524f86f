import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TsrunError } from '../../core/errors.ts';

export interface CriuRun {
	/** `criu`, or the path of `--criu`. */
	readonly program: string;
	readonly args: readonly string[];
	/** Name of its log in the working directory. */
	readonly log: string;
	readonly workPath: string;
}

/** Whatever this process was started with may lead a program of the host astray. */
const ENVIRONMENT = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' };

/**
 * Runs CRIU to its end.
 * @throws TsrunError TSRUN_CRIU with the first error of its log
 */
export function runCriu({ program, args, log, workPath }: CriuRun): void {
	const { status, error } = spawnSync(program, args as string[], { env: ENVIRONMENT, stdio: 'inherit' });
	if (error !== undefined) {
		throw new TsrunError(
			'TSRUN_CRIU',
			`cannot run ${program}: ${(error as NodeJS.ErrnoException).code ?? error.message}`,
			{
				hint: 'checkpoints are made by CRIU: install the package criu, or name the program with --criu',
				exitCode: 1,
			},
		);
	}
	if (status === 0) return;
	const path = join(workPath, log);
	throw new TsrunError('TSRUN_CRIU', `criu failed: ${args[0]}: ${firstError(path) ?? `exit status ${status}`}`, {
		hint: `the whole log is ${path}; criu check tells whether this kernel has all that it needs`,
		exitCode: 1,
	});
}

/** `(00.012345) Error (criu/x.c:12): what` → `what`. */
function firstError(path: string): string | undefined {
	try {
		return /^\([\d.]+\)\s+(?:\d+:\s+)?Error \([^)]*\): (.*)$/m.exec(readFileSync(path, 'utf8'))?.[1];
	} catch {
		return undefined;
	}
}
