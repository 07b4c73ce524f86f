import { expect, it } from 'vitest';
import { describeStep } from '../../../src/explain/describe-step.ts';
import type { MemoryPolicy } from '../../../src/oci/runtime-spec.ts';
import { compileMemoryPolicy } from '../../../src/plan/memory-policy.ts';

const compile = (memoryPolicy: MemoryPolicy) => compileMemoryPolicy({ ociVersion: '1.3.0', linux: { memoryPolicy } });

it.each<[MemoryPolicy, number, string]>([
	[{ mode: 'MPOL_DEFAULT' }, 0, 'set_mempolicy(MPOL_DEFAULT, none)'],
	[{ mode: 'MPOL_INTERLEAVE', nodes: '2-3' }, 3, 'set_mempolicy(MPOL_INTERLEAVE, 2-3)'],
	[
		{ mode: 'MPOL_BIND', nodes: '0', flags: ['MPOL_F_STATIC_NODES'] },
		2 | 0x8000,
		'set_mempolicy(MPOL_BIND|MPOL_F_STATIC_NODES, 0)',
	],
	[
		{ mode: 'MPOL_WEIGHTED_INTERLEAVE', nodes: '0,64', flags: ['MPOL_F_NUMA_BALANCING', 'MPOL_F_RELATIVE_NODES'] },
		6 | 0x6000,
		'set_mempolicy(MPOL_WEIGHTED_INTERLEAVE|MPOL_F_NUMA_BALANCING|MPOL_F_RELATIVE_NODES, 0,64)',
	],
])('%j is one call', (policy, mode, call) => {
	const [step, ...rest] = compile(policy);
	expect(rest).toEqual([]);
	expect(step).toMatchObject({ op: 'setMempolicy', mode, from: '/linux/memoryPolicy' });
	expect(describeStep(step as NonNullable<typeof step>)).toBe(call);
});

it('is left to the caller where nothing, or an empty object, asks for one', () => {
	expect(compile({})).toEqual([]);
	expect(compileMemoryPolicy({ ociVersion: '1.3.0' })).toEqual([]);
});
