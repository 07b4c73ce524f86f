import { TsrunError } from '../core/errors.ts';

export interface CopySource {
	/** As the user named it, for messages. */
	readonly shown: string;
	readonly isDirectory: boolean;
	/** The name that its first member has; `.` where only its content is meant. */
	readonly name: string;
}

export interface CopyDestination {
	readonly shown: string;
	/** Absent: nothing is there. */
	readonly kind?: 'directory' | 'other';
	/** Whether it can only mean a directory: it ends in a slash, or in a dot. */
	readonly mustBeDirectory: boolean;
}

/**
 * Where the copy goes: into the destination under the source's name, or beside it, in the destination's parent, under the
 * destination's name. The rules are those of docker cp.
 * @throws TsrunError TSRUN_CP
 */
export function placeCopy(source: CopySource, destination: CopyDestination): 'inside' | 'as' {
	const { kind, mustBeDirectory, shown } = destination;
	if (kind === 'directory') return 'inside';
	if (kind === 'other') {
		if (mustBeDirectory) throw copyFault(`${shown} is not a directory`);
		if (source.isDirectory) throw copyFault(`${source.shown} is a directory, and ${shown} is none`);
		return 'as';
	}
	if (mustBeDirectory && !source.isDirectory) {
		throw copyFault(`${shown}: no such directory`, 'a file is copied into a directory that is there');
	}
	return 'as';
}

/** Whether a path says that it is a directory. */
export function saysDirectory(path: string): boolean {
	return path === '' || path.endsWith('/') || /(^|\/)\.\.?$/.test(path);
}

/** Whether only the content of the directory is meant: `path/.`. */
export function saysContent(path: string): boolean {
	return path === '.' || path.endsWith('/.');
}

export function copyFault(message: string, hint?: string): TsrunError {
	return new TsrunError('TSRUN_CP', message, { exitCode: 1, ...(hint === undefined ? {} : { hint }) });
}
