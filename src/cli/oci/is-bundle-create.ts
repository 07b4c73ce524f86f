import { isBundleRun } from './is-bundle-run.ts';

/** Options that runc alone has. */
const OF_RUNC = /^--(console-socket|pid-file|pidfd-socket|no-new-keyring|preserve-fds)(=|$)/;

/**
 * Whether the words after `create` are for a bundle and not for an image. A single word can be either, runc's id of a bundle in the current directory or
 * an image: there the directory tells.
 */
export function isBundleCreate(words: readonly string[], isInBundle: () => boolean): boolean {
	if (isBundleRun(words, OF_RUNC)) return true;
	const [first = ''] = words;
	return words.length === 1 && !first.startsWith('-') && isInBundle();
}
