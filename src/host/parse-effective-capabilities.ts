/** The effective capabilities of /proc/[pid]/status (proc(5)), as a bit mask. */
export function parseEffectiveCapabilities(status: string): bigint {
	const hex = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1];
	if (hex === undefined) throw new Error('no CapEff in /proc/self/status');
	return BigInt(`0x${hex}`);
}
