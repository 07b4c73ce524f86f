import { expect, it } from 'vitest';
import { describeStep } from '../../../../src/explain/describe-step.ts';
import type { RuntimeSpec } from '../../../../src/oci/runtime-spec.ts';
import { ownershipSteps } from '../../../../src/plan/cgroup/ownership-steps.ts';
import { HYBRID, UNIFIED } from './hosts.ts';

const FACTS = {
	...UNIFIED.cgroup,
	unified: { mountpoint: '/cg', controllers: [], hasKill: true, delegate: ['cgroup.procs', 'memory.oom.group'] },
};
const SPEC: RuntimeSpec = {
	ociVersion: '1.2.0',
	process: { cwd: '/', user: { uid: 5, gid: 0 } },
	mounts: [{ destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: ['rw', 'nosuid'] }],
	linux: {
		namespaces: [{ type: 'user' }, { type: 'cgroup' }],
		uidMappings: [
			{ containerID: 0, hostID: 100_000, size: 4 },
			{ containerID: 4, hostID: 200_000, size: 10 },
		],
	},
};
const lines = (spec: RuntimeSpec, facts = FACTS): readonly string[] =>
	ownershipSteps(spec, facts, '/web').map(step => `${describeStep(step)} or ${step.tolerate?.join(' ')}`);

it('gives the directory, and the files that may be given, to the user that the program runs as on the host', () => {
	expect(lines(SPEC)).toEqual([
		'chown("/cg/web", 200001, 4294967295) or 2',
		'chown("/cg/web/cgroup.procs", 200001, 4294967295) or 2',
		'chown("/cg/web/memory.oom.group", 200001, 4294967295) or 2',
	]);
});

it('gives nothing where the container may not write there, sees the cgroups of others, or is nobody else on the host', () => {
	const mount = { destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup' };
	const linux = SPEC.linux ?? {};
	for (const spec of [
		{ ...SPEC, mounts: [{ ...mount, options: ['ro'] }] },
		{ ...SPEC, mounts: [] },
		{ ...SPEC, linux: { ...linux, namespaces: [{ type: 'user' }] } },
		{ ...SPEC, linux: { ...linux, namespaces: [{ type: 'cgroup', path: '/proc/1/ns/cgroup' }] } },
		{ ...SPEC, linux: { ...linux, uidMappings: [] } },
		{ ...SPEC, linux: { ...linux, uidMappings: [{ containerID: 0, hostID: 7, size: 1 }] } },
	] as RuntimeSpec[]) {
		expect(lines(spec)).toEqual([]);
	}
	expect(ownershipSteps(SPEC, HYBRID.cgroup, '/web')).toEqual([]);
});
