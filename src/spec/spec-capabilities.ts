import { CAPABILITIES } from '../oci/capabilities.ts';
import { DEFAULT_CAPABILITIES } from './default-capabilities.ts';
import type { RunOptions } from './run-options.ts';

/**
 * The capabilities of the container by docker's rules: all for --privileged; with `--cap-add ALL` all but the dropped; with `--cap-drop
 * ALL` the added alone; else the defaults without the dropped and with the added. "All" is what can be given, as docker has it.
 * @param available bit mask of what this process holds, or of all the kernel knows in a user namespace of the container's own
 */
export function specCapabilities(options: RunOptions, available: bigint): readonly string[] {
	const { privileged, capAdd, capDrop } = options;
	const all: readonly string[] = CAPABILITIES.filter((_, number) => ((available >> BigInt(number)) & 1n) === 1n);
	if (privileged) return all;
	if (capAdd.includes('ALL')) return all.filter(name => !capDrop.includes(name));
	const base = capDrop.includes('ALL') ? [] : DEFAULT_CAPABILITIES.filter(name => !capDrop.includes(name));
	return [...new Set([...base, ...capAdd])];
}
