import { hasMappedIds, isBind } from '../oci/mount-kind.ts';
import type { Mount, RuntimeSpec } from '../oci/runtime-spec.ts';
import type { Step } from './step.ts';

/** How a step names a bind source of the configuration. */
export type SourceNames = (source: string) => string;

export interface MountSources {
	/** Host side: the supervisor opens what init may not reach, each source in a turn of its own. */
	readonly send: readonly Step[];
	/** Init, in its mount namespace, before it becomes root of its user namespace. */
	readonly open: readonly Step[];
	readonly nameOf: SourceNames;
}

/** A path inside of a volume: its links lead nowhere out of that, whoever exchanges them (CVE-2017-1002101, CVE-2021-25741). */
export interface Subpath {
	/** As the configuration has it: both parts together. */
	readonly source: string;
	readonly base: string;
	readonly inside: string;
}

export interface SourcePlaces {
	/** Where the root file system is on the host. */
	readonly rootfs: string;
	/** Sources that are links, and where each leads. */
	readonly links?: Readonly<Record<string, string>> | undefined;
	/** Sources that are paths inside of a directory whose content somebody else can change. */
	readonly subpaths?: readonly Subpath[] | undefined;
	/** Of this process; with those that setns(2) wants, the supervisor opens the sources. */
	readonly capabilities: bigint;
}

const CAP_SYS_CHROOT = 1n << 18n;
const CAP_SYS_ADMIN = 1n << 21n;
const FOR_SETNS = CAP_SYS_CHROOT | CAP_SYS_ADMIN;

/** Descriptors of held sources are numbered from here, above those of the machine itself; before them, the root file system. */
const FIRST_DESCRIPTOR = 64;
const ROOT_DESCRIPTOR = FIRST_DESCRIPTOR - 1;

/** Whether a source is a place of the container's own, which mounts before it may have made. */
export function isInRootfs(source: string, rootfs: string): boolean {
	return source === rootfs || source.startsWith(`${rootfs}/`);
}

/**
 * Root of a user namespace may not pass through the host's private directories, and before that init has the host's id but none of
 * its capabilities. So the supervisor opens the sources, in init's mount namespace, and sends them; one that may not enter that leaves
 * it to init. The mounts are made from those descriptors. What lies in the root file system is looked up when it is mounted.
 */
export function compileMountSources(
	spec: RuntimeSpec,
	isUser: boolean,
	{ rootfs, links = {}, capabilities, subpaths = [] }: SourcePlaces,
): MountSources {
	if (!isUser) return compileSubpaths(spec, subpaths);
	const binds = (spec.mounts ?? []).flatMap((mount, index) =>
		mount.source !== undefined && isBind(mount) && !hasMappedIds(mount) && !isCopied(mount, links)
			? [{ source: mount.source, index }]
			: [],
	);
	const own = binds.find(({ source }) => isInRootfs(source, rootfs));
	const foreign = binds.filter(({ source }) => !isInRootfs(source, rootfs));
	const descriptors = new Map(foreign.map(({ source }, position) => [source, FIRST_DESCRIPTOR + position]));
	const held: readonly HeldSource[] = [
		...(own === undefined ? [] : [{ fd: ROOT_DESCRIPTOR, source: rootfs, index: own.index }]),
		...foreign
			.filter(({ source }, position) => descriptors.get(source) === FIRST_DESCRIPTOR + position)
			.map(bind => ({ ...bind, fd: descriptors.get(bind.source) ?? 0 })),
	];
	const isSent = (capabilities & FOR_SETNS) === FOR_SETNS;
	return {
		send: isSent ? held.flatMap(sendSteps) : [],
		open: held.flatMap(isSent ? receiveSteps : openSteps),
		nameOf: source => {
			if (isInRootfs(source, rootfs)) return `/proc/self/fd/${ROOT_DESCRIPTOR}${source.slice(rootfs.length)}`;
			const fd = descriptors.get(source);
			return fd === undefined ? source : `/proc/self/fd/${fd}`;
		},
	};
}

/** Opened before the first mount, and mounted from the descriptor: what it is exchanged for later is not what is mounted. */
function compileSubpaths(spec: RuntimeSpec, subpaths: readonly Subpath[]): MountSources {
	const descriptors = new Map(subpaths.map(({ source }, position) => [source, FIRST_DESCRIPTOR + position]));
	return {
		send: [],
		open: subpaths.map(({ source, base, inside }): Step => {
			const index = (spec.mounts ?? []).findIndex(mount => mount.source === source);
			return {
				op: 'openSource',
				fd: descriptors.get(source) ?? 0,
				path: base,
				inside,
				phase: 'mounts',
				why: `find ${inside} in the volume, and nowhere else`,
				from: `/mounts/${index}/source`,
			};
		}),
		nameOf: source => {
			const fd = descriptors.get(source);
			return fd === undefined ? source : `/proc/self/fd/${fd}`;
		},
	};
}

function isCopied({ source = '', options = [] }: Mount, links: Readonly<Record<string, string>>): boolean {
	return options.includes('copy-symlink') && Object.hasOwn(links, source);
}

interface HeldSource {
	readonly fd: number;
	readonly source: string;
	readonly index: number;
}

const fromOf = ({ index }: HeldSource): string => `/mounts/${index}/source`;

function openSteps(held: HeldSource): readonly Step[] {
	return [
		{
			op: 'openSource',
			fd: held.fd,
			path: held.source,
			inside: '',
			phase: 'mounts',
			why: 'hold the source: root of the user namespace could not reach it by its path',
			from: fromOf(held),
		},
	];
}

function sendSteps(held: HeldSource): readonly Step[] {
	const notes = { phase: 'mounts', from: fromOf(held) } as const;
	return [
		{ op: 'turn', why: `init waits for ${held.source}`, ...notes },
		{ op: 'sendSource', path: held.source, why: `${held.source}, which init may not reach by its path`, ...notes },
	];
}

function receiveSteps(held: HeldSource): readonly Step[] {
	const notes = { phase: 'mounts', from: fromOf(held) } as const;
	return [
		{ op: 'turn', why: `the supervisor opens ${held.source}`, ...notes },
		{ op: 'openSource', fd: held.fd, path: '', inside: '', why: `hold ${held.source}`, ...notes },
	];
}
