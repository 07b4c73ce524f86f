import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path/posix';
import { type ContainerView, type Found, lookAt } from './container-view.ts';

const X_ANY = 0o111;
const CAP_DAC_OVERRIDE = 1n;

export interface Refusal {
	readonly words: string;
	readonly hint?: string;
}

interface Identity {
	readonly overrides: boolean;
	readonly uid: number;
	readonly gid: number;
	readonly groups: readonly number[];
}

/** What forbids to execute a file: its own mode, its mount, or a directory on its path. Undefined where nothing does. */
export function refusalOf(view: ContainerView, found: Found): Refusal | undefined {
	const { path, mode } = found;
	if ((mode & X_ANY) === 0) {
		return { words: `it has no x permission (mode ${octal(mode)})`, hint: `chmod +x ${path} in the image` };
	}
	if (found.mountOptions.includes('noexec')) {
		return {
			words: 'it lies on a mount with noexec',
			hint: 'mount it with the option exec, or put the program elsewhere',
		};
	}
	const identity = identityOf(view.init);
	const closed = parents(view, path).find(directory => !maySearch(directory, identity));
	if (closed !== undefined) {
		return {
			words: `user ${identity.uid} may not search the directory ${closed.path} (mode ${octal(closed.mode)}, owner ${closed.uid}:${closed.gid})`,
			hint: `chmod o+x ${closed.path} in the image, or run as its owner with --user`,
		};
	}
	if (maySearch(found, identity)) return undefined;
	return {
		words: `user ${identity.uid} may not execute it (mode ${octal(mode)}, owner ${found.uid}:${found.gid})`,
		hint: `chmod o+x ${path} in the image, or run as its owner with --user`,
	};
}

function parents(view: ContainerView, path: string): readonly Found[] {
	const directories: Found[] = [];
	for (let at = dirname(resolve(view.cwd, path)); ; at = dirname(at)) {
		const found = lookAt(view, at);
		if (found !== undefined) directories.unshift(found);
		if (at === '/') return directories;
	}
}

/** The x bit of exactly one class counts (path_resolution(7)); for CAP_DAC_OVERRIDE any. */
function maySearch({ mode, uid, gid }: Found, identity: Identity): boolean {
	if (identity.overrides) return true;
	if (identity.uid === uid) return (mode & 0o100) !== 0;
	if (identity.gid === gid || identity.groups.includes(gid)) return (mode & 0o010) !== 0;
	return (mode & 0o001) !== 0;
}

/** Init is already who the program would be (/proc/pid/status, proc(5)); ids are the host's, as those of files seen from here. */
function identityOf(init: number): Identity {
	const status = readFileSync(`/proc/${init}/status`, 'latin1');
	const field = (name: string): readonly string[] =>
		new RegExp(`^${name}:(.*)$`, 'm').exec(status)?.[1]?.trim().split(/\s+/) ?? [];
	return {
		overrides: ((BigInt(`0x${field('CapEff')[0] ?? '0'}`) >> CAP_DAC_OVERRIDE) & 1n) === 1n,
		uid: Number(field('Uid')[1]),
		gid: Number(field('Gid')[1]),
		groups: field('Groups').map(Number),
	};
}

const octal = (mode: number): string => `0${mode.toString(8).padStart(3, '0')}`;
