import { TsrunError } from '../core/errors.ts';
import { CAPABILITIES } from '../oci/capabilities.ts';
import type { Capabilities, CapabilitySet, Process } from '../oci/runtime-spec.ts';
import type { HostFacts } from './host-facts.ts';

/** The capability sets of a process as bit masks (capabilities(7)). */
export type CapabilityMasks = { readonly [S in CapabilitySet]: bigint };

/** The names of a mask's capabilities, ascending; bits without a name are left out. */
export function capabilityNames(mask: bigint): readonly string[] {
	return CAPABILITIES.filter((_, number) => (mask & bit(number)) !== 0n);
}

/**
 * The bits of capabilities as config.json names them; `pointer` is the list's JSON pointer.
 * @throws TsrunError TSRUN_BAD_CAPABILITY
 */
export function capabilityMask(names: readonly string[], pointer: string): bigint {
	return names.reduce((mask, name, index) => {
		const number = (CAPABILITIES as readonly string[]).indexOf(name);
		if (number < 0) {
			throw new TsrunError(
				'TSRUN_BAD_CAPABILITY',
				`capability ${JSON.stringify(name)} at ${pointer}/${index} is unknown`,
				{
					hint: 'capabilities(7) lists them, as CAP_NET_RAW',
				},
			);
		}
		return mask | bit(number);
	}, 0n);
}

/** What capabilities are compiled against. */
export interface CapabilityFacts extends Pick<HostFacts, 'lastCapability'> {
	/**
	 * What init holds when it sets its capabilities: those of this process, or every one in a user namespace that the
	 * container makes for itself.
	 */
	readonly held: bigint;
}

/**
 * The five sets of the process (config.md, "Linux Process", capabilities); sets that are absent are empty. What capset(2)
 * and prctl(2) would refuse with a bare EPERM is refused here with a name: a capability that the kernel does not know, one
 * that tsrun does not hold itself, and one that another set would have to have. Leaving such a capability out in silence
 * would start a container that is not the one asked for; `capabilityNames(facts.capabilities)` is what can be asked for.
 * Ambient ones alone are left out where the kernel could not raise them, not permitted or not inheritable: `runc spec` and
 * older engines write such lists, and no runtime raises them.
 * @throws TsrunError TSRUN_BAD_CAPABILITY, TSRUN_CAPABILITY_NOT_HELD
 */
export function compileCapabilities(
	{ capabilities = {} }: Process,
	{ lastCapability, held }: CapabilityFacts,
): CapabilityMasks {
	const masks = masksOf(capabilities);
	const all = masks.bounding | masks.effective | masks.permitted | masks.inheritable | masks.ambient;
	refuse(all & ~(bit(lastCapability + 1) - 1n), capabilities, {
		code: 'TSRUN_BAD_CAPABILITY',
		fault: 'is not known to this kernel',
		hint: `its last one is ${capabilityNames(bit(lastCapability))[0] ?? lastCapability}`,
	});
	refuse(all & ~held, capabilities, {
		code: 'TSRUN_CAPABILITY_NOT_HELD',
		fault: 'is not held by tsrun itself',
		hint: 'run tsrun as root with all capabilities, or leave the capability out',
	});
	refuseBeyond(masks, capabilities, { set: 'effective', needs: 'permitted' });
	refuseBeyond(masks, capabilities, { set: 'inheritable', needs: 'bounding' });
	return { ...masks, ambient: masks.ambient & masks.permitted & masks.inheritable };
}

function masksOf(sets: Capabilities): CapabilityMasks {
	const mask = (set: CapabilitySet): bigint => capabilityMask(sets[set] ?? [], `/process/capabilities/${set}`);
	return {
		bounding: mask('bounding'),
		effective: mask('effective'),
		permitted: mask('permitted'),
		inheritable: mask('inheritable'),
		ambient: mask('ambient'),
	};
}

interface Refusal {
	readonly code: `TSRUN_${string}`;
	readonly fault: string;
	readonly hint: string;
	readonly set?: CapabilitySet;
}

function refuseBeyond(
	masks: CapabilityMasks,
	capabilities: Capabilities,
	{ set, needs }: { readonly set: CapabilitySet; readonly needs: CapabilitySet },
): void {
	refuse(masks[set] & ~masks[needs], capabilities, {
		code: 'TSRUN_BAD_CAPABILITY',
		fault: `is not ${needs}`,
		hint: `the kernel wants each ${set} capability in the ${needs} set too`,
		set,
	});
}

/** Throws when the mask is not empty: names its first capability and the place that asks for it. */
function refuse(mask: bigint, capabilities: Capabilities, { code, fault, hint, set }: Refusal): void {
	const [name] = capabilityNames(mask);
	if (name === undefined) return;
	const sets = set === undefined ? (Object.keys(capabilities) as CapabilitySet[]) : [set];
	const place = sets
		.map(each => ({ each, index: capabilities[each]?.indexOf(name) ?? -1 }))
		.find(({ index }) => index >= 0);
	throw new TsrunError(code, `capability ${name} at /process/capabilities/${place?.each}/${place?.index} ${fault}`, {
		hint,
	});
}

function bit(number: number): bigint {
	return 1n << BigInt(number);
}
