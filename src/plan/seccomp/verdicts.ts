import type { AbiShape } from './architectures.ts';
import { type Chain, chainBehind, chainOf, joined } from './chains.ts';
import { MULTIPLEXED_CALLS } from './multiplexed-calls.ts';
import type { Policy } from './policies.ts';
import { syscallList } from './syscall-list.ts';

/** What the filter does with one system call: the value to return, or the rules to try. */
export type Verdict = number | Chain;

export interface AbiVerdicts {
	/** Ascending; `verdicts[i]` belongs to `numbers[i]`. Calls that meet the default are not among them. */
	readonly numbers: readonly number[];
	readonly verdicts: readonly Verdict[];
	/** The largest number that the profile names, or -1 where this ABI has none of its names. */
	readonly last: number;
}

/** What each system call of one ABI meets. Names that the ABI does not have are left out, as runc does. */
export function verdictsOf(policies: ReadonlyMap<string, Policy>, { abi, bits, privateFrom }: AbiShape): AbiVerdicts {
	const list = syscallList(abi);
	const numbers: number[] = [];
	const verdicts: Verdict[] = [];
	let last = -1;
	const chains = new Map<Policy, Chain>();
	const chainFor = (policy: Exclude<Policy, number>): Chain => {
		const chain = chains.get(policy) ?? chainOf(policy, bits);
		chains.set(policy, chain);
		return chain;
	};
	const isCarrying = abi === 'x86';

	for (let index = 0; index < list.names.length; index++) {
		const name = list.names[index] as string;
		const number = list.numbers[index] as number;
		const policy = policies.get(name);
		if (policy !== undefined && number < privateFrom) last = number;
		if (typeof policy === 'number') {
			numbers.push(number);
			verdicts.push(policy);
			continue;
		}
		const own = policy === undefined || policy.length === 0 ? [] : chainFor(policy);
		const chain = isCarrying && name in MULTIPLEXED_CALLS ? joined([...own, ...carried(name, policies)]) : own;
		if (chain.length === 0) continue;
		numbers.push(number);
		verdicts.push(chain);
	}
	return { numbers, verdicts, last };
}

/** The rules of the calls behind socketcall(2) or ipc(2). */
function carried(carrier: string, policies: ReadonlyMap<string, Policy>): Chain {
	return Object.entries(MULTIPLEXED_CALLS[carrier] ?? {}).flatMap(([name, number]) => {
		const policy = policies.get(name);
		if (policy === undefined) return [];
		const chain = typeof policy === 'number' ? [{ action: policy, conditions: [] }] : chainOf(policy, 32);
		return chainBehind(number, chain);
	});
}
