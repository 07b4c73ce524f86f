import { MEMORY_POLICY_FLAGS, MEMORY_POLICY_MODES } from '../oci/memory-policy.ts';
import type { RuntimeSpec } from '../oci/runtime-spec.ts';
import { bitMask } from './bit-mask.ts';
import type { Step } from './step.ts';

/** From which memory nodes the process gets its pages (config-linux.md, "Memory policy"); its children inherit it. */
export function compileMemoryPolicy({ linux }: RuntimeSpec): readonly Step[] {
	const { mode, nodes = '', flags = [] } = linux?.memoryPolicy ?? {};
	if (mode === undefined) return [];
	return [
		{
			op: 'setMempolicy',
			mode: flags.reduce((all, flag) => all | (MEMORY_POLICY_FLAGS[flag] ?? 0), MEMORY_POLICY_MODES[mode] ?? 0),
			nodes: bitMask(nodes),
			phase: 'process',
			why: nodes === '' ? `take memory by ${mode}` : `take memory by ${mode} of the nodes ${nodes}`,
			from: '/linux/memoryPolicy',
		},
	];
}
