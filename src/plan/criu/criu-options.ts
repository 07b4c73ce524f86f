import type { Mount, RuntimeSpec, SpecNamespaceType } from '../../oci/runtime-spec.ts';
import { CLONE } from '../linux-constants.ts';
import type { CriuOptions } from './criu-request.ts';

/** The flags that runc's `checkpoint` and `restore` pass on to CRIU. */
export interface CriuFlags {
	/** Where the images are. */
	readonly imagePath: string;
	/** Where CRIU writes its logs. */
	readonly workPath: string;
	readonly tcpEstablished: boolean;
	readonly extUnixSk: boolean;
	readonly shellJob: boolean;
	readonly fileLocks: boolean;
	readonly manageCgroupsMode: keyof typeof CGROUP_MODES;
	readonly emptyNs: readonly string[];
	readonly autoDedup: boolean;
	/** Memory is handed over page by page, by or to a server. */
	readonly lazyPages: boolean;
}

export interface DumpFlags extends CriuFlags {
	readonly leaveRunning: boolean;
	readonly preDump: boolean;
	/** Images of an earlier pre-dump, relative to `imagePath`. */
	readonly parentPath?: string;
	readonly tcpSkipInFlight: boolean;
	readonly linkRemap: boolean;
	/** `address:port` of a `criu page-server`. */
	readonly pageServer?: string;
	/** Gets a NUL when a server for `lazyPages` is ready. */
	readonly statusFd?: number;
}

export interface RestoreFlags extends CriuFlags {
	readonly tcpClose: boolean;
	readonly lsmProfile?: string;
	readonly lsmMountContext?: string;
}

/** Descriptors of the directories of {@link CriuFlags}. */
export interface CriuDirectories {
	readonly imagesDirFd: number;
	readonly workDirFd: number;
}

export interface DumpFacts extends CriuDirectories {
	readonly init: number;
	/** The masked paths that are files: each has the host's /dev/null on it. */
	readonly maskedFiles: readonly string[];
	/** Where the destination of a mount leads inside the root file system. */
	readonly placeOf: (destination: string) => string;
	/** The inode of each namespace that is joined by path. */
	readonly inodes: Readonly<Partial<Record<SpecNamespaceType, number>>>;
}

export interface RestoreFacts extends CriuDirectories {
	readonly maskedFiles: readonly string[];
	readonly placeOf: (destination: string) => string;
	/** What each standard stream was, as /proc/<pid>/fd told: `pipe:[123]` is handed over. */
	readonly streams: readonly string[];
	/** The root file system, as a mount. */
	readonly root: string;
	/** The cgroups of the new container, which CRIU is in. */
	readonly cgroups: NonNullable<CriuOptions['cgRoot']>;
}

export const DUMP_LOG = 'dump.log';
export const RESTORE_LOG = 'restore.log';
/** The standard streams, and the socket of the RPC. */
const FIRST_NAMESPACE_FD = 4;
const MOST_WORDS = 4;
/** What the administrator sets for all dumps and restores under runc (criu(8), "CONFIGURATION FILES"); it need not be there. */
const CONFIG_FILE = '/etc/criu/runc.conf';
/**
 * Where this annotation is there, runc leaves that file out, and takes the one that it names. An annotation may come from an image,
 * and the file of an image may name programs for CRIU to run: here it only leaves out.
 */
const CONFIG_ANNOTATION = 'org.criu.config';

/** `criu_cg_mode` */
const CGROUP_MODES = { ignore: 0, soft: 3, full: 4, strict: 5 } as const;

/** Namespaces that CRIU leaves as they are, and finds again as descriptors. */
const EXTERNAL = { network: ['net', 'extRootNetNS'], pid: ['pid', 'extRootPidNS'] } as const;
type ExternalType = keyof typeof EXTERNAL;
/** In CRIU's names: those that it enters by path. */
const JOINED: Readonly<Partial<Record<SpecNamespaceType, string>>> = {
	mount: 'mnt',
	uts: 'uts',
	ipc: 'ipc',
	user: 'user',
	time: 'time',
};

/** Options for the dump or the pre-dump of the tree of init. */
export function dumpOptions(spec: RuntimeSpec, facts: DumpFacts, flags: DumpFlags): CriuOptions {
	const { imagesDirFd, workDirFd, init, inodes, maskedFiles, placeOf } = facts;
	const { parentPath, pageServer, statusFd } = flags;
	const mounts = externalMounts(spec, { maskedFiles, placeOf }).map(({ target }) => `mnt[${target}]:${target}`);
	const namespaces = externalNamespaces(spec).map(({ type }) => {
		const [name, key] = EXTERNAL[type];
		return `${name}[${inodes[type]}]:${key}`;
	});
	return {
		...common(spec, flags, { imagesDirFd, workDirFd, logFile: DUMP_LOG }),
		pid: init,
		leaveRunning: flags.leaveRunning || flags.preDump,
		tcpSkipInFlight: flags.tcpSkipInFlight,
		linkRemap: flags.linkRemap,
		trackMem: flags.preDump || parentPath !== undefined,
		external: [...mounts, ...namespaces],
		...(parentPath === undefined ? {} : { parentImg: parentPath }),
		...(pageServer === undefined ? {} : { ps: pageServerOf(pageServer) }),
		...(statusFd === undefined ? {} : { statusFd }),
	};
}

/**
 * Options for a restore. Each mount from outside comes from the configuration of the container that is made now, never from the
 * images (CVE-2024-8676).
 */
export function restoreOptions(spec: RuntimeSpec, facts: RestoreFacts, flags: RestoreFlags): CriuOptions {
	const { imagesDirFd, workDirFd, maskedFiles, placeOf, streams, root, cgroups } = facts;
	const { lsmProfile, lsmMountContext } = flags;
	const mounts = externalMounts(spec, { maskedFiles, placeOf });
	return {
		...common(spec, flags, { imagesDirFd, workDirFd, logFile: RESTORE_LOG }),
		root,
		rstSibling: true,
		evasiveDevices: true,
		tcpClose: flags.tcpClose,
		external: mounts.map(({ target, source }) => `mnt[${target}]:${source}`),
		cgRoot: cgroups,
		inheritFd: [
			...streams.flatMap((key, fd) => (key.startsWith('pipe:') ? [{ key, fd }] : [])),
			...externalNamespaces(spec).map(({ type }, index) => ({
				key: EXTERNAL[type][1],
				fd: FIRST_NAMESPACE_FD + index,
			})),
		],
		joinNs: joinedNamespaces(spec),
		...(lsmProfile === undefined ? {} : { lsmProfile }),
		...(lsmMountContext === undefined ? {} : { lsmMountContext }),
	};
}

function common(
	{ annotations = {} }: RuntimeSpec,
	flags: CriuFlags,
	places: CriuDirectories & { readonly logFile: string },
): CriuOptions {
	return {
		...places,
		logLevel: MOST_WORDS,
		notifyScripts: true,
		orphanPtsMaster: true,
		manageCgroups: true,
		manageCgroupsMode: CGROUP_MODES[flags.manageCgroupsMode],
		tcpEstablished: flags.tcpEstablished,
		extUnixSk: flags.extUnixSk,
		shellJob: flags.shellJob,
		fileLocks: flags.fileLocks,
		autoDedup: flags.autoDedup,
		lazyPages: flags.lazyPages,
		emptyNs: flags.emptyNs.includes('network') ? CLONE.NEWNET : 0,
		...(CONFIG_ANNOTATION in annotations ? {} : { configFile: CONFIG_FILE }),
	};
}

interface ExternalMount {
	readonly target: string;
	readonly source: string;
}

function externalMounts(
	{ mounts = [] }: RuntimeSpec,
	{ maskedFiles, placeOf }: Pick<DumpFacts, 'maskedFiles' | 'placeOf'>,
): readonly ExternalMount[] {
	const binds = mounts.filter(isBind).map(({ destination, source = '' }) => ({ target: placeOf(destination), source }));
	return [...binds, ...maskedFiles.map(target => ({ target, source: '/dev/null' }))];
}

const isBind = ({ type, options = [] }: Mount): boolean =>
	type === 'bind' || options.includes('bind') || options.includes('rbind');

/** The namespaces that are joined by path and that CRIU takes as descriptors, in the order of their numbers. */
export function externalNamespaces({
	linux,
}: RuntimeSpec): readonly { readonly type: ExternalType; readonly path: string }[] {
	return (linux?.namespaces ?? []).flatMap(({ type, path }) =>
		(type === 'network' || type === 'pid') && path ? [{ type, path }] : [],
	);
}

function joinedNamespaces({ linux }: RuntimeSpec): NonNullable<CriuOptions['joinNs']> {
	return (linux?.namespaces ?? []).flatMap(({ type, path }) => {
		const ns = JOINED[type];
		return ns === undefined || !path ? [] : [{ ns, nsFile: path }];
	});
}

function pageServerOf(address: string): NonNullable<CriuOptions['ps']> {
	const colon = address.lastIndexOf(':');
	return { address: address.slice(0, colon), port: Number(address.slice(colon + 1)) };
}
