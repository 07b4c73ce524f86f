import { CAPABILITIES } from '../oci/capabilities.ts';

/** A capability mask in names: `none`, `all but CAP_…` where that is shorter, else the names. */
export function capabilityNames(mask: number | bigint): string {
	const bits = BigInt.asUintN(64, BigInt(mask));
	if (bits === 0n) return 'none';
	const held = CAPABILITIES.filter((_, bit) => ((bits >> BigInt(bit)) & 1n) === 1n);
	const lacking = CAPABILITIES.filter(name => !held.includes(name));
	const unknown = (bits >> BigInt(CAPABILITIES.length)) << BigInt(CAPABILITIES.length);
	const rest = unknown === 0n ? [] : [`0x${unknown.toString(16)}`];
	if (lacking.length === 0) return ['all', ...rest].join('|');
	if (lacking.length < held.length / 2 && unknown === 0n) return `all but ${lacking.join('|')}`;
	return [...held, ...rest].join('|');
}
