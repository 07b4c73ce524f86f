import { type Dirent, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Sandbox } from './run-tsrun.ts';
import { SLOWNESS } from './slowness.ts';

/** What a container may leave on the host, each kind as a set of lines that name one thing. */
export interface HostState {
	readonly mounts: ReadonlySet<string>;
	readonly cgroups: ReadonlySet<string>;
	readonly processes: ReadonlySet<string>;
	readonly links: ReadonlySet<string>;
	readonly files: ReadonlySet<string>;
}

/** What stays on purpose: images, layers, the files that locks are taken on, and the folders themselves. */
const KEPT_WHOLE = /^root\/(images|layers|resolved|locks)$/;
const KEPT =
	/^root\/(images|layers|resolved|locks)(\/|$)|^(root|root\/containers|root\/tmp|state|state\/\.names|state\/\.stores)$/;

/** The cgroup that containers share stays (src/plan/cgroup/end-steps.ts). */
const COMMON_PARENT = 'tsrun';

/** Reads the state of the host as far as this sandbox's containers can change it. */
export function readHostState(sandbox: Sandbox): HostState {
	const foreign = foreignContainers(sandbox);
	const isHere = (pid: string): boolean => !isForeign(pid, foreign) && !isOfAnother(sandbox, pid);
	const mounts = lines('/proc/self/mountinfo').filter(line => line.includes(sandbox.dir) || line.includes(' - nsfs '));
	return {
		mounts: new Set(mounts.map(line => line.split(' ').slice(2).join(' '))),
		cgroups: new Set(
			cgroupMounts()
				.flatMap(mount => cgroupsBelow(mount))
				.filter(path => !foreign.some(id => path.includes(id))),
		),
		processes: new Set(
			readdirSync('/proc').flatMap(name => (/^\d+$/.test(name) && isHere(name) ? describeContained(name) : [])),
		),
		links: new Set(readdirSync('/sys/class/net')),
		files: new Set(filesBelow(sandbox.dir)),
	};
}

/**
 * What is there now and was not there before, as lines for people; empty after a container that left nothing. What is on its
 * way out, a cgroup or a process that the kernel has not yet reaped, has `graceMs`.
 */
export async function leftovers(sandbox: Sandbox, before: HostState, graceMs = 2000): Promise<readonly string[]> {
	const deadline = Date.now() + graceMs * SLOWNESS;
	for (;;) {
		const found = difference(before, readHostState(sandbox));
		if (found.length === 0 || Date.now() > deadline) return found;
		await sleep(50);
	}
}

function difference(before: HostState, after: HostState): readonly string[] {
	const kinds = ['mounts', 'cgroups', 'processes', 'links', 'files'] as const;
	return kinds.flatMap(kind =>
		[...after[kind]].filter(line => !before[kind].has(line)).map(line => `${kind}: ${line}`),
	);
}

/** Empty where the file went away between listing and reading. */
function lines(path: string): readonly string[] {
	try {
		return readFileSync(path, 'utf8').split('\n').filter(Boolean);
	} catch {
		return [];
	}
}

function cgroupMounts(): readonly string[] {
	return lines('/proc/self/mountinfo')
		.filter(line => / - cgroup2? /.test(line))
		.map(line => line.split(' ')[4] ?? '');
}

/** Cgroups that tsrun can have made: named for it, and everything below those. */
function cgroupsBelow(folder: string, isOurs = false): readonly string[] {
	let names: readonly string[];
	try {
		names = readdirSync(folder, { withFileTypes: true }).flatMap(entry => (entry.isDirectory() ? [entry.name] : []));
	} catch {
		return [];
	}
	return names.flatMap(name => {
		const path = join(folder, name);
		const found = isOurs || name.includes('tsrun');
		return [...(found && (isOurs || name !== COMMON_PARENT) ? [path] : []), ...cgroupsBelow(path, found)];
	});
}

/** Ids of containers that somebody else runs on this machine: their supervisors hold progress files of other state directories. */
function foreignContainers({ dir }: Sandbox): readonly string[] {
	return readdirSync('/proc')
		.filter(pid => /^\d+$/.test(pid))
		.flatMap(pid => openProgressFiles(pid))
		.flatMap(path => (path.startsWith(`${dir}/`) ? [] : [path.split('/').at(-2) ?? '']));
}

function openProgressFiles(pid: string): readonly string[] {
	try {
		if (readFileSync(`/proc/${pid}/comm`, 'utf8') !== 'tsrun-init\n') return [];
		const links = readdirSync(`/proc/${pid}/fd`).map(fd => readlinkSync(`/proc/${pid}/fd/${fd}`));
		return links.filter(link => /\/[0-9a-f]{64}\/progress$/.test(link));
	} catch {
		return [];
	}
}

/** A process in the cgroup of such a container, or its supervisor. */
function isForeign(pid: string, containers: readonly string[]): boolean {
	const isHere = (text: string): boolean => containers.some(id => text.includes(id));
	return lines(`/proc/${pid}/cgroup`).some(isHere) || openProgressFiles(pid).some(isHere);
}

/** A command in another sandbox. */
function isOfAnother({ state }: Sandbox, pid: string): boolean {
	const [own] = lines(`/proc/${pid}/environ`).flatMap(text => /(?:^|\0)TSRUN_STATE=([^\0]*)/.exec(text)?.[1] ?? []);
	return own !== undefined && own !== state;
}

/** A process in another pid namespace than this one, and every `tsrun-init`, with the network namespace that it holds. */
function describeContained(pid: string): readonly string[] {
	try {
		const namespaces = ['pid', 'net'].map(type => readlinkSync(`/proc/${pid}/ns/${type}`));
		const program = readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
		const isContained = namespaces[0] !== readlinkSync('/proc/self/ns/pid');
		return isContained || program.startsWith('tsrun') ? [`${pid} ${program} ${namespaces.join(' ')}`] : [];
	} catch {
		return [];
	}
}

/** Relative to `top`, without what is kept. No link is followed: those of an image lead anywhere. */
function filesBelow(top: string, folder = ''): readonly string[] {
	let entries: readonly Dirent[];
	try {
		entries = readdirSync(join(top, folder), { withFileTypes: true });
	} catch {
		return [];
	}
	return entries.flatMap(entry => {
		const path = join(folder, entry.name);
		const below = entry.isDirectory() && !KEPT_WHOLE.test(path) ? filesBelow(top, path) : [];
		return [...(KEPT.test(path) ? [] : [path]), ...below];
	});
}
