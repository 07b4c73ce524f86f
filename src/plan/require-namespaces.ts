import { errnoWords } from '../core/errno.ts';
import { TsrunError } from '../core/errors.ts';
import type { IdMapping, Namespace, RuntimeSpec, SpecNamespaceType } from '../oci/runtime-spec.ts';
import type { HostFacts, NamespaceType } from './host-facts.ts';
import type { IdMaps, NamespaceFile } from './spec-facts.ts';

/** The names that the files of /proc/<pid>/ns have. */
const FILE_NAMES: Readonly<Record<SpecNamespaceType, NamespaceType>> = {
	user: 'user',
	mount: 'mnt',
	uts: 'uts',
	ipc: 'ipc',
	pid: 'pid',
	network: 'net',
	cgroup: 'cgroup',
	time: 'time',
};

/** What would reach the host where the configuration joins the namespace that the host itself is in. */
const OF_NAMESPACE: readonly {
	readonly type: SpecNamespaceType;
	readonly pointer: string;
	readonly isSet: (spec: RuntimeSpec) => boolean;
}[] = [
	{ type: 'uts', pointer: '/hostname', isSet: ({ hostname }) => (hostname ?? '') !== '' },
	{ type: 'uts', pointer: '/domainname', isSet: ({ domainname }) => (domainname ?? '') !== '' },
	{ type: 'network', pointer: '/linux/sysctl', isSet: hasSysctl(/^net[./]/) },
	{ type: 'network', pointer: '/linux/netDevices', isSet: hasDevices },
	{ type: 'ipc', pointer: '/linux/sysctl', isSet: hasSysctl(/^(kernel[./](msg|shm|sem)|fs[./]mqueue)/) },
	{ type: 'uts', pointer: '/linux/sysctl', isSet: hasSysctl(/^kernel[./]domainname$/) },
];

function hasDevices({ linux }: RuntimeSpec): boolean {
	return Object.keys(linux?.netDevices ?? {}).length > 0;
}

function hasSysctl(pattern: RegExp): (spec: RuntimeSpec) => boolean {
	return ({ linux }) => Object.keys(linux?.sysctl ?? {}).some(key => pattern.test(key));
}

/**
 * Refuses what the kernel would refuse in the middle of the set-up with a bare EINVAL (config-linux.md, "Namespaces": a path of
 * another type is an error), and what would change the host.
 * @throws TsrunError TSRUN_BAD_CONFIG, TSRUN_UNSUPPORTED
 */
export function requireNamespaces(spec: RuntimeSpec, facts: Pick<HostFacts, 'namespaces' | 'namespaceFiles'>): void {
	for (const [index, namespace] of (spec.linux?.namespaces ?? []).entries()) {
		const pointer = `/linux/namespaces/${index}`;
		if (namespace.path === undefined) requireKind(namespace, facts.namespaces, pointer);
		else
			requireFile(
				spec,
				{ ...namespace, path: namespace.path },
				{ file: facts.namespaceFiles?.[namespace.path], pointer },
			);
	}
}

function requireKind({ type }: Namespace, known: readonly NamespaceType[], pointer: string): void {
	if (known.includes(FILE_NAMES[type])) return;
	throw new TsrunError('TSRUN_UNSUPPORTED', `config.json ${pointer}/type: this kernel has no ${type} namespaces`, {
		hint: `no file ${FILE_NAMES[type]} is in /proc/self/ns`,
	});
}

function requireFile(
	spec: RuntimeSpec,
	{ type, path }: Namespace & { readonly path: string },
	{ file, pointer }: { readonly file: NamespaceFile | undefined; readonly pointer: string },
): void {
	if (file === undefined) return;
	const refuse = (problem: string, hint?: string): TsrunError =>
		new TsrunError(
			'TSRUN_BAD_CONFIG',
			`config.json ${pointer}/path: ${path} ${problem}`,
			hint === undefined ? {} : { hint },
		);
	if (file.kind === 'unreadable') {
		const hint = 'the container or process that it belongs to may have ended';
		throw refuse(`cannot be opened: ${errnoWords(file.errno)}`, hint);
	}
	if (file.kind === 'other') throw refuse('is no namespace');
	if (file.type !== FILE_NAMES[type]) throw refuse(`is a namespace of type ${file.type}, not ${FILE_NAMES[type]}`);
	if (type === 'user') requireUser(spec, file, refuse);
	if (type === 'mount' && file.isOwn)
		throw refuse('is the mount namespace that tsrun is in, whose root would be another');
	if (!file.isOwn) return;
	const field = OF_NAMESPACE.find(each => each.type === type && each.isSet(spec));
	if (field === undefined) return;
	throw new TsrunError(
		'TSRUN_BAD_CONFIG',
		`config.json ${field.pointer}: would change the host, whose ${type} namespace ${pointer}/path joins`,
	);
}

function requireUser(
	{ linux }: RuntimeSpec,
	{ isOwn, ids }: Extract<NamespaceFile, { kind: 'namespace' }>,
	refuse: (problem: string, hint?: string) => TsrunError,
): void {
	if (isOwn) throw refuse('is the user namespace that tsrun is in, which cannot be joined', 'leave the entry out');
	const { uidMappings = [], gidMappings = [] } = linux ?? {};
	if (ids === undefined || (uidMappings.length === 0 && gidMappings.length === 0)) return;
	if (isSame(ids, { uid: uidMappings, gid: gidMappings })) return;
	throw refuse('has other ids than /linux/uidMappings and /linux/gidMappings say', 'leave the mappings out');
}

function isSame(a: IdMaps, b: IdMaps): boolean {
	const text = (maps: readonly IdMapping[]): string =>
		maps.map(({ containerID, hostID, size }) => `${containerID} ${hostID} ${size}`).join('\n');
	return text(a.uid) === text(b.uid) && text(a.gid) === text(b.gid);
}
