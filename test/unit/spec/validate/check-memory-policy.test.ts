import { expect, it } from 'vitest';
import { validateSpec } from '../../../../src/spec/validate-spec.ts';
import { configWith, expectBadConfig } from './config-fixture.ts';

it.each([
	{},
	{ mode: 'MPOL_DEFAULT' },
	{ mode: 'MPOL_DEFAULT', nodes: '0-7', flags: ['MPOL_F_NUMA_BALANCING', 'MPOL_F_STATIC_NODES'] },
	{ mode: 'MPOL_WEIGHTED_INTERLEAVE', nodes: '0-3,7', flags: [] },
])('takes %j', policy => {
	expect(validateSpec(configWith('/linux/memoryPolicy', policy)).linux?.memoryPolicy).toEqual(policy);
});

it.each([
	[{ mode: 'INTERLEAVE', nodes: '0' }, '/mode', /invalid memory policy mode/],
	[{ nodes: '0-7' }, '/mode', /invalid memory policy mode/],
	[{ mode: 'MPOL_BIND', nodes: '0', flags: ['MPOL_F_STATIC_NODES', 'bad'] }, '/flags/1', /invalid memory policy flag/],
	[{ mode: 'MPOL_BIND', nodes: '0-9876543210' }, '/nodes', /invalid memory policy node/],
	[{ mode: 'MPOL_BIND', nodes: 'x' }, '/nodes', /not a list/],
	[{ mode: 'MPOL_BIND', nodes: 0 }, '/nodes', /expected a string/],
])('refuses %j', (policy, place, says) => {
	expect(expectBadConfig(configWith('/linux/memoryPolicy', policy), `/linux/memoryPolicy${place}`).message).toMatch(
		says,
	);
});
