import { expect, it } from 'vitest';
import type { IdMapping } from '../../../src/oci/runtime-spec.ts';
import { namespaceRootSteps } from '../../../src/plan/namespace-root.ts';

const process = { cwd: '/', user: { uid: 5, gid: 7 } };
const ids = (mappings: readonly IdMapping[] | undefined) =>
	namespaceRootSteps({
		process,
		linux: mappings === undefined ? {} : { uidMappings: mappings, gidMappings: mappings },
	}).map(step => (step.op === 'setresgid' ? step.gid : step.op === 'setresuid' ? step.uid : step.op));

it.each<[string, readonly IdMapping[] | undefined, readonly number[]]>([
	['root where root is mapped', [{ containerID: 0, hostID: 1000, size: 10 }], [0, 0]],
	['root of a namespace that others have mapped', undefined, [0, 0]],
	['the user of the process where nobody is root', [{ containerID: 5, hostID: 1000, size: 10 }], [7, 5]],
])('becomes %s', (_, mappings, expected) => {
	expect(ids(mappings)).toEqual(expected);
});
