import type { Digest } from '../core/brands.ts';
import { TsrunError } from '../core/errors.ts';
import { changeIndexFile } from './index-file.ts';
import type { Store } from './open-store.ts';
import { findEntry, listEntries, nameOf, repositoryOf, type StoredEntry, type StoredName } from './stored-images.ts';
import { withoutOrphanedLists } from './stored-referrers.ts';

/** What uses an image: a container made from it, a mount. */
export interface ImageUse {
	/** Of the manifest. */
	readonly digest: Digest;
	/** For the message: `container web`. */
	readonly what: string;
	/** What cannot be taken away by force. */
	readonly isRunning: boolean;
}

export interface RemoveOptions {
	readonly uses: readonly ImageUse[];
	/** Also an image that a container that has ended was made from, and all names of an image given by its id. */
	readonly force: boolean;
	/** An id stands for its names in all repositories, also without force. */
	readonly allNames?: boolean;
}

export interface Removal {
	/** Entries that lose their names. */
	readonly going: readonly StoredEntry[];
	/** The image itself stays, without a name: a container needs it. */
	readonly staysNameless: boolean;
	/** Whether no name is left. */
	readonly isLast: boolean;
}

/**
 * Decides what `rmi` takes away, by docker's rules: a name goes always, the last one only when no container was made from the
 * image; by force also when one that has ended was, never while one runs. An id stands for all names of one repository, and
 * by force for all names.
 * @throws TsrunError TSRUN_NO_IMAGE, TSRUN_IMAGE_IN_USE
 */
export function decideRemoval(
	store: Store,
	wanted: StoredName,
	{ uses, force, allNames = false }: RemoveOptions,
): Removal {
	const target = findEntry(store, wanted);
	const same = listEntries(store).filter(entry => entry.digest === target.digest);
	const isByName = nameOf(target) === wanted.name && wanted.digest === undefined;
	const going = isByName ? [target] : same.filter(entry => isMeant(entry, wanted));
	const isLast = going.length === same.length;
	const repositories = new Set(going.map(entry => repositoryOf(nameOf(entry) ?? '')));
	if (!isByName && repositories.size > 1 && !force && !allNames) {
		const names = going.map(nameOf).join(', ');
		throw inUse(`image ${wanted.text} has ${going.length} names: ${names}`, 'remove each name, or all with --force');
	}
	const users = isLast ? uses.filter(({ digest }) => digest === target.digest) : [];
	const running = users.find(({ isRunning }) => isRunning);
	if (running !== undefined) {
		throw inUse(`image ${wanted.text} is used by ${running.what}`, 'end that first');
	}
	const [ended] = users;
	if (ended !== undefined && !force) {
		throw inUse(`image ${wanted.text} is used by ${ended.what}`, 'remove that first, or the name alone with --force');
	}
	return { going, isLast, staysNameless: ended !== undefined };
}

/** Takes the names out of index.json. The caller holds the content lock, exclusive. */
export async function removeEntries(store: Store, { going, staysNameless }: Removal): Promise<void> {
	const isGone = (entry: StoredEntry): boolean =>
		going.some(gone => listedOf(gone) === entry.digest && nameOf(gone) === nameOf(entry));
	await changeIndexFile(store, entries => {
		const rest = entries.filter(entry => !isGone(entry));
		const [first] = going;
		if (!staysNameless || first === undefined) return withoutOrphanedLists(store, rest);
		const { annotations: _, listed: _listed, ...nameless } = first;
		return withoutOrphanedLists(store, [...rest, nameless]);
	});
}

/** With a digest, the names of its repository; else all. */
function isMeant(entry: StoredEntry, { name, digest }: StoredName): boolean {
	return digest === undefined || repositoryOf(nameOf(entry) ?? name) === repositoryOf(name);
}

function listedOf({ listed, digest }: StoredEntry): Digest {
	return listed ?? digest;
}

function inUse(message: string, hint: string): TsrunError {
	return new TsrunError('TSRUN_IMAGE_IN_USE', message, { hint });
}
