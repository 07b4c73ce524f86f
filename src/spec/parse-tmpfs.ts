import { badFlag } from './bad-flag.ts';
import { mountDestination } from './mount-destination.ts';
import { parseSize } from './parse-size.ts';
import type { MountRequest } from './run-options.ts';

const FLAG = '--tmpfs';
const EXAMPLE = '--tmpfs /run:rw,size=64m,mode=755';

/** Each option excludes the others of its line; mount(8), "filesystem-independent mount options". */
const SWITCHES: readonly (readonly string[])[] = [
	['rw', 'ro'],
	['suid', 'nosuid'],
	['dev', 'nodev'],
	['exec', 'noexec'],
	['sync', 'async'],
	['atime', 'noatime'],
	['diratime', 'nodiratime'],
	['relatime', 'norelatime'],
	['strictatime', 'nostrictatime'],
	['mand', 'nomand'],
	['private', 'rprivate', 'shared', 'rshared', 'slave', 'rslave', 'unbindable', 'runbindable'],
];
/** tmpfs(5), "Mount options". */
const VALUES: Readonly<Record<string, RegExp>> = {
	size: /^\d{1,15}(?:\.\d{1,6})?([kmgtp]?(i?b)?|%)$/i,
	mode: /^[0-7]{1,4}$/,
	uid: /^\d{1,10}$/,
	gid: /^\d{1,10}$/,
	nr_inodes: /^\d{1,15}[kmg]?$/i,
	nr_blocks: /^\d{1,15}[kmg]?$/i,
	mpol: /^[a-z]+(=[a-z]+)?(:[\d,-]+)?$/,
};

const DEFAULTS = ['noexec', 'nosuid', 'nodev', 'rprivate'];

/** Reads docker's `--tmpfs <path>[:<options>]`. @throws TsrunError TSRUN_BAD_FLAG */
export function parseTmpfs(text: string): MountRequest {
	const colon = text.indexOf(':');
	const path = colon === -1 ? text : text.slice(0, colon);
	const words = colon === -1 ? [] : text.slice(colon + 1).split(',');
	return { kind: 'tmpfs', destination: mountDestination(FLAG, path, text), options: tmpfsOptions(FLAG, text, words) };
}

/**
 * Docker's defaults with the given options over them: a later word takes the place of an earlier one of the same meaning.
 * @throws TsrunError TSRUN_BAD_FLAG naming the whole value
 */
export function tmpfsOptions(flag: string, whole: string, words: readonly string[]): readonly string[] {
	const chosen = new Map<string, string>();
	for (const word of [...DEFAULTS, ...words]) {
		const meaning = meaningOf(word);
		if (meaning === undefined) {
			const fault = { problem: `has an option tmpfs does not know, ${JSON.stringify(word)}`, example: EXAMPLE };
			throw badFlag(flag, whole, fault);
		}
		chosen.delete(meaning);
		chosen.set(meaning, meaning === 'size' ? sizeOption(flag, word) : word);
	}
	return [...chosen.values()];
}

function meaningOf(word: string): string | undefined {
	const equals = word.indexOf('=');
	if (equals === -1) return SWITCHES.find(group => group.includes(word))?.[0];
	const key = word.slice(0, equals);
	return Object.hasOwn(VALUES, key) && VALUES[key]?.test(word.slice(equals + 1)) ? key : undefined;
}

/** The kernel reads whole numbers with k, m and g only; everything else becomes bytes. */
function sizeOption(flag: string, word: string): string {
	const value = word.slice('size='.length);
	return /^\d+([kmg]|%)?$/i.test(value) ? word : `size=${parseSize(flag, value)}`;
}
