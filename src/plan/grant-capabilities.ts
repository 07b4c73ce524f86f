import { CAPABILITIES } from '../oci/capabilities.ts';
import type { Capabilities, CapabilitySet, Process, RuntimeSpec } from '../oci/runtime-spec.ts';
import type { HostFacts } from './host-facts.ts';

const SETS: readonly CapabilitySet[] = ['bounding', 'effective', 'inheritable', 'permitted', 'ambient'];

export interface Granted {
	readonly process: Process;
	/** What was left out, in runc's words. */
	readonly warnings: readonly string[];
}

/**
 * The process without the capabilities that cannot be had here: a container is not refused for them, but they are told of
 * (config.md, "Linux Process", capabilities). Ambient ones that the kernel could not raise are told of too.
 */
export function grantCapabilities(
	process: Process,
	spec: RuntimeSpec,
	{ capabilities: held, lastCapability }: Pick<HostFacts, 'capabilities' | 'lastCapability'>,
): Granted {
	const asked = process.capabilities;
	if (asked === undefined) return { process, warnings: [] };
	// In a user namespace init has every one, if not over everything.
	const isMapped = (spec.linux?.namespaces ?? []).some(({ type }) => type === 'user');
	const isHad = (name: string): boolean => {
		const number = (CAPABILITIES as readonly string[]).indexOf(name);
		return number >= 0 && number <= lastCapability && (isMapped || ((held >> BigInt(number)) & 1n) === 1n);
	};
	const left = new Set(SETS.flatMap(set => asked[set] ?? []).filter(name => !isHad(name)));
	const capabilities = Object.fromEntries(
		SETS.flatMap(set => (asked[set] === undefined ? [] : [[set, asked[set].filter(isHad)]])),
	) as Capabilities;
	return {
		process: { ...process, capabilities },
		warnings: [
			...(left.size === 0 ? [] : [`ignoring unknown or unavailable capabilities: [${[...left].toSorted().join(' ')}]`]),
			...unraisable(capabilities).map(
				name => `can't raise ambient capability ${name}: it is not in both the permitted and the inheritable set`,
			),
		],
	};
}

function unraisable({ ambient = [], permitted = [], inheritable = [] }: Capabilities): readonly string[] {
	return ambient.filter(name => !permitted.includes(name) || !inheritable.includes(name));
}
