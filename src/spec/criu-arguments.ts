import type { Mount, RuntimeSpec } from '../oci/runtime-spec.ts';

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
	readonly manageCgroupsMode: 'soft' | 'full' | 'strict' | 'ignore';
	readonly emptyNs: readonly string[];
	readonly autoDedup: boolean;
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
}

export interface RestoreFlags extends CriuFlags {
	readonly tcpClose: boolean;
	/** What each standard stream was, as /proc/<pid>/fd told: `pipe:[123]` is handed over. */
	readonly streams: readonly string[];
	/** File that CRIU writes the pid of init to. */
	readonly pidFile: string;
	/** The root file system, as a mount. */
	readonly root: string;
}

export const DUMP_LOG = 'dump.log';
export const RESTORE_LOG = 'restore.log';

/**
 * Words for `criu dump` or `criu pre-dump` of the tree of init (criu(8)).
 * @param maskedFiles the masked paths that are files: each has the host's /dev/null on it
 */
export function dumpArguments(
	spec: RuntimeSpec,
	{ init, maskedFiles }: { readonly init: number; readonly maskedFiles: readonly string[] },
	flags: DumpFlags,
): readonly string[] {
	return [
		flags.preDump ? 'pre-dump' : 'dump',
		...['--tree', String(init), '--log-file', DUMP_LOG],
		...common(flags),
		...externalMounts(spec, maskedFiles).flatMap(({ target }) => ['--external', `mnt[${target}]:${target}`]),
		...joinedNetwork(spec).flatMap(path => ['--external', `net[${path}]:extRootNetNS`]),
		...(flags.leaveRunning || flags.preDump ? ['--leave-running'] : []),
		...(flags.preDump ? ['--track-mem'] : []),
		...(flags.parentPath === undefined ? [] : ['--prev-images-dir', flags.parentPath, '--track-mem']),
		...(flags.tcpSkipInFlight ? ['--skip-in-flight'] : []),
		...(flags.linkRemap ? ['--link-remap'] : []),
		...pageServer(flags.pageServer),
	];
}

/**
 * Words for `criu restore`. Each mount from outside comes from the configuration of the container that is made now, never from the
 * images (CVE-2024-8676).
 */
export function restoreArguments(
	spec: RuntimeSpec,
	{ maskedFiles, cgroups }: { readonly maskedFiles: readonly string[]; readonly cgroups: readonly string[] },
	flags: RestoreFlags,
): readonly string[] {
	return [
		'restore',
		...[
			'--log-file',
			RESTORE_LOG,
			'--root',
			flags.root,
			'--pidfile',
			flags.pidFile,
			'--restore-detached',
			'--restore-sibling',
		],
		...common(flags),
		...externalMounts(spec, maskedFiles).flatMap(({ target, source }) => ['--external', `mnt[${target}]:${source}`]),
		...cgroups.flatMap(path => ['--cgroup-root', path]),
		...(flags.tcpClose ? ['--tcp-close'] : []),
		...flags.streams.flatMap((stream, fd) =>
			stream.startsWith('pipe:') ? ['--inherit-fd', `fd[${fd}]:${stream}`] : [],
		),
	];
}

function common(flags: CriuFlags): readonly string[] {
	return [
		...['--images-dir', flags.imagePath, '--work-dir', flags.workPath, '-v4'],
		`--manage-cgroups=${flags.manageCgroupsMode}`,
		...(flags.tcpEstablished ? ['--tcp-established'] : []),
		...(flags.extUnixSk ? ['--ext-unix-sk'] : []),
		...(flags.shellJob ? ['--shell-job'] : []),
		...(flags.fileLocks ? ['--file-locks'] : []),
		...(flags.autoDedup ? ['--auto-dedup'] : []),
		...flags.emptyNs.flatMap(name => ['--empty-ns', name === 'network' ? 'net' : name]),
	];
}

interface ExternalMount {
	readonly target: string;
	readonly source: string;
}

function externalMounts({ mounts = [] }: RuntimeSpec, maskedFiles: readonly string[]): readonly ExternalMount[] {
	const binds = mounts.filter(isBind).map(({ destination, source = '' }) => ({ target: destination, source }));
	return [...binds, ...maskedFiles.map(target => ({ target, source: '/dev/null' }))];
}

const isBind = ({ type, options = [] }: Mount): boolean =>
	type === 'bind' || options.includes('bind') || options.includes('rbind');

function joinedNetwork({ linux }: RuntimeSpec): readonly string[] {
	return (linux?.namespaces ?? []).flatMap(({ type, path }) =>
		type === 'network' && path !== undefined ? [path] : [],
	);
}

function pageServer(address: string | undefined): readonly string[] {
	if (address === undefined) return [];
	const colon = address.lastIndexOf(':');
	return ['--page-server', '--address', address.slice(0, colon), '--port', address.slice(colon + 1)];
}
