import { type ArgKind, OPS, type OpName } from '../../../src/plan/op-table.ts';
import type { Step } from '../../../src/plan/step.ts';

const SAMPLES: Readonly<Record<ArgKind, unknown>> = {
	int: 1,
	str: '/some/name',
	bytes: 'data',
	strs: ['/bin/sh'],
};

/** A step of every operation in the table, with plain arguments. */
export const ONE_OF_EACH: readonly Step[] = (Object.keys(OPS) as readonly OpName[]).map(op => {
	const args = Object.entries(OPS[op].args).map(([name, kind]: readonly [string, ArgKind]) => [name, SAMPLES[kind]]);
	return { op, ...Object.fromEntries(args), why: 'a test', phase: 'process' } as Step;
});
