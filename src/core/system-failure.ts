import { errnoName, errnoWords } from './errno.ts';
import { TsrunError } from './errors.ts';

const HINTS: Readonly<Record<string, string>> = {
	ENOSPC: 'the disk, or its quota, is full: see df and df -i',
	EDQUOT: 'the disk, or its quota, is full: see df and df -i',
	EROFS: 'the file system is mounted read-only',
	EMFILE: 'the limit of open files is reached: see ulimit -n',
};

/** What is done, for people: `make the directory /run/tsrun`; and what else to try. */
export interface Attempt {
	readonly code: `TSRUN_${string}`;
	readonly action: string;
	readonly hint?: string;
}

/** Does `work`. What the operating system refuses there becomes a TsrunError that names the action; all else passes as it is. */
export function attempt<T>(what: Attempt, work: () => T): T {
	try {
		return work();
	} catch (error) {
		throw systemFailure(error, what) ?? error;
	}
}

/** The kernel's word of an error of node:fs or of the addon; undefined for any other. */
export function systemWords(error: unknown): string | undefined {
	const { errno, syscall } = (error instanceof Error ? error : {}) as { errno?: unknown; syscall?: unknown };
	return typeof errno === 'number' && typeof syscall === 'string' ? errnoWords(Math.abs(errno)) : undefined;
}

/** An error of node:fs or of the addon in words for people; undefined for any other, which is a bug or has words already. */
export function systemFailure(error: unknown, what?: Attempt): TsrunError | undefined {
	const words = systemWords(error);
	if (words === undefined) return undefined;
	const { errno, syscall, path } = error as { errno: number; syscall: string; path?: unknown };
	const action = what?.action ?? `${syscall}${typeof path === 'string' ? ` ${path}` : ''}`;
	const hint = HINTS[errnoName(Math.abs(errno))] ?? what?.hint;
	return new TsrunError(what?.code ?? 'TSRUN_SYSTEM', `cannot ${action}: ${words}`, {
		cause: error,
		...(hint === undefined ? {} : { hint }),
	});
}
