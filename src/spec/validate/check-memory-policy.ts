import { MEMORY_POLICY_FLAGS, MEMORY_POLICY_MODES } from '../../oci/memory-policy.ts';
import type { RuntimeSpec } from '../../oci/runtime-spec.ts';
import { cpusetProblem } from '../cpuset-problem.ts';
import { badConfig, requireWord, shortly } from './bad-config.ts';

/** Only the form. Which modes go with which nodes and flags is the kernel's to say: it differs with its version. */
export function checkMemoryPolicy(spec: RuntimeSpec): void {
	const policy = spec.linux?.memoryPolicy;
	if (policy === undefined || Object.keys(policy).length === 0) return;
	const pointer = '/linux/memoryPolicy';
	requireWord(policy.mode ?? '', MEMORY_POLICY_MODES, { pointer: `${pointer}/mode`, what: 'memory policy mode' });
	for (const [index, flag] of (policy.flags ?? []).entries()) {
		requireWord(flag, MEMORY_POLICY_FLAGS, { pointer: `${pointer}/flags/${index}`, what: 'memory policy flag' });
	}
	const nodes = policy.nodes ?? '';
	const problem = nodes === '' ? undefined : cpusetProblem(nodes);
	if (problem !== undefined) {
		throw badConfig(`${pointer}/nodes`, `${shortly(nodes)} are invalid memory policy nodes: the list ${problem}`);
	}
}
