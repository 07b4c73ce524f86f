import type { IdMapping, Namespace } from '../oci/runtime-spec.ts';
import type { JoinableNamespace, SpecInput } from './spec-input.ts';

const MODES = ['pid', 'ipc', 'uts', 'network'] as const;

/** Whether the container gets a namespace of a type for itself. */
export function isNewNamespace(input: Pick<SpecInput, 'options' | 'joined'>, type: JoinableNamespace): boolean {
	if (type === 'user') return input.options.userns.kind === 'private' && input.joined.user === undefined;
	const { kind } = input.options[type];
	return kind === 'private' || kind === 'none' || kind === 'networks';
}

/** The namespaces to make and to join; what is left out stays the host's. */
export function specNamespaces(input: SpecInput): readonly Namespace[] {
	const { options, joined } = input;
	return [
		...userNamespace(input),
		{ type: 'mount' },
		...(['network', 'uts', 'pid', 'ipc'] as const).flatMap((type): readonly Namespace[] => {
			if (isNewNamespace(input, type)) return [{ type }];
			return options[type].kind === 'host' ? [] : [{ type, path: joinedPath(joined, type) }];
		}),
		...(options.cgroupns === 'private' ? [{ type: 'cgroup' } as const] : []),
	];
}

/** Who joins a namespace that another user namespace owns must join that one too (setns(2)). */
function userNamespace({ options, joined }: SpecInput): readonly Namespace[] {
	if (joined.user !== undefined && MODES.some(type => options[type].kind === 'container')) {
		return [{ type: 'user', path: joined.user }];
	}
	return options.userns.kind === 'private' ? [{ type: 'user' }] : [];
}

function joinedPath(joined: SpecInput['joined'], type: JoinableNamespace): string {
	const path = joined[type];
	if (path === undefined) throw new Error(`no path for the ${type} namespace to join`);
	return path;
}

/** The id map of a new user namespace, the same for users and groups. */
export function specMappings(input: SpecInput): readonly IdMapping[] | undefined {
	if (!isNewNamespace(input, 'user')) return undefined;
	if (input.idRange === undefined) throw new Error('no range of ids for the user namespace');
	return [{ containerID: 0, hostID: input.idRange.first, size: input.idRange.size }];
}
