import { existsSync, readFileSync } from 'node:fs';
import { join, normalize } from 'node:path';
import { TsrunError } from '../../core/errors.ts';

interface ExecCgroupsRequest {
	/** Of the container, on the host. */
	readonly init: number;
	/** `--cgroup`: `[controllers:]path`. */
	readonly words: readonly string[];
}

/**
 * The cgroups that a further process enters: the container's, or what `--cgroup` names below them. On cgroup2 a container may have
 * moved its init further down, where alone a process is allowed then (cgroups(7), "no internal processes").
 * @throws TsrunError TSRUN_BAD_FLAG for one that is not there, or not below
 */
export function execCgroups(
	own: Readonly<Record<string, string>>,
	{ init, words }: ExecCgroupsRequest,
): Readonly<Record<string, string>> {
	if (words.length === 0) return withUnified(own, initCgroup(own.unified, init));
	return words.reduce((cgroups, word) => place(cgroups, own, word), own);
}

function place(
	cgroups: Readonly<Record<string, string>>,
	own: Readonly<Record<string, string>>,
	word: string,
): Readonly<Record<string, string>> {
	const colon = word.indexOf(':');
	const controllers = colon < 0 ? Object.keys(own) : word.slice(0, colon).split(',');
	const path = normalize(word.slice(colon + 1));
	if (path === '..' || path.startsWith('../'))
		throw bad(word, 'bad sub cgroup path: it leads out of the container’s own cgroup');
	const placed = controllers.map(name => {
		const directory = own[name];
		if (directory === undefined)
			throw bad(word, `unknown controller ${JSON.stringify(name)}: the container has no cgroup of it`);
		return [name, join(directory, path).replace(/\/$/, '')] as const;
	});
	for (const [, directory] of placed) {
		if (!existsSync(join(directory, 'cgroup.procs')))
			throw bad(word, `failed adding pid to cgroup ${directory}: no such file or directory`);
	}
	return { ...cgroups, ...Object.fromEntries(placed) };
}

/** Engines and their tests know runc's words. */
function bad(word: string, problem: string): TsrunError {
	return new TsrunError('TSRUN_BAD_FLAG', `--cgroup ${JSON.stringify(word.slice(0, 160))}: ${problem}`, {
		hint: 'the path counts from the container’s own cgroup',
	});
}

function withUnified(
	own: Readonly<Record<string, string>>,
	unified: string | undefined,
): Readonly<Record<string, string>> {
	return unified === undefined ? own : { ...own, unified };
}

function initCgroup(unified: string | undefined, init: number): string | undefined {
	if (unified === undefined) return undefined;
	const path = /^0::(\/.*)$/m.exec(readFileSync(`/proc/${init}/cgroup`, 'utf8'))?.[1];
	if (path === undefined) return undefined;
	const below = deepestSuffix(unified, path);
	return below === undefined ? undefined : join(unified, below);
}

/** `/sys/fs/cgroup/a/web` and `/a/web/init` → `/init`; undefined where the second is not below the first. */
function deepestSuffix(directory: string, path: string): string | undefined {
	const parts = path.split('/');
	for (let length = parts.length; length > 1; length--) {
		if (directory.endsWith(parts.slice(0, length).join('/'))) return `/${parts.slice(length).join('/')}`;
	}
	return undefined;
}
