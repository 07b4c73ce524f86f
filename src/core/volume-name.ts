import { TsrunError } from './errors.ts';

/** The name of a volume, and of its directory; made only by {@link parseVolumeName}. */
export type VolumeName = string & { readonly __brand: 'VolumeName' };

/** NAME_MAX: it is the name of a directory. */
const MAX_LENGTH = 255;

/**
 * Why a text cannot be the name of a volume, to continue a sentence; undefined where it can. Docker's rule: letters, digits, `_`, `.`
 * and `-`, two at least, the first a letter or a digit.
 */
export function volumeNameProblem(text: string): string | undefined {
	if (/^[a-zA-Z0-9]?$/.test(text)) return 'is too short: the name of a volume has at least two characters';
	if (text.length > MAX_LENGTH) return `is longer than ${MAX_LENGTH} characters`;
	if (/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(text)) return undefined;
	return 'is no name of a volume: those have letters, digits, "_", "." and "-", and begin with a letter or a digit';
}

export function isVolumeName(text: string): text is VolumeName {
	return volumeNameProblem(text) === undefined;
}

/** @throws TsrunError TSRUN_BAD_VOLUME_NAME */
export function parseVolumeName(text: string): VolumeName {
	const problem = volumeNameProblem(text);
	if (problem !== undefined) {
		throw new TsrunError('TSRUN_BAD_VOLUME_NAME', `${JSON.stringify(text.slice(0, 80))} ${problem}`, { exitCode: 1 });
	}
	return text as VolumeName;
}
