import type { RuntimeSpec } from '../oci/runtime-spec.ts';
import type { Step } from './step.ts';

/**
 * Root of the user namespace, or the user of the process where nobody is root: an unmapped id can make no file (EOVERFLOW,
 * user_namespaces(7)).
 */
export function namespaceRootSteps({ linux, process }: Pick<RuntimeSpec, 'linux' | 'process'>): readonly Step[] {
	const isRoot = (kind: 'uid' | 'gid'): boolean => {
		const mappings = linux?.[`${kind}Mappings`] ?? [];
		return mappings.length === 0 || mappings.some(({ containerID }) => containerID === 0);
	};
	const gid = isRoot('gid') ? 0 : (process?.user.gid ?? 0);
	const uid = isRoot('uid') ? 0 : (process?.user.uid ?? 0);
	const phase = 'namespaces';
	return [
		{
			op: 'setresgid',
			gid,
			phase,
			why: `become group ${gid} of the user namespace`,
			from: linux?.gidMappings === undefined ? '/linux/namespaces' : '/linux/gidMappings',
		},
		{
			op: 'setresuid',
			uid,
			phase,
			why:
				uid === 0 ? 'become root of the user namespace' : `become user ${uid} of the user namespace, which has no root`,
			from: linux?.uidMappings === undefined ? '/linux/namespaces' : '/linux/uidMappings',
		},
	];
}
