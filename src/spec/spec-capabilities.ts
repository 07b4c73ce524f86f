import { CAPABILITIES } from '../oci/capabilities.ts';
import { DEFAULT_CAPABILITIES } from './default-capabilities.ts';
import type { RunOptions } from './run-options.ts';

/**
 * The capabilities of the container by docker's rules: all for --privileged; with `--cap-add ALL` all but the dropped; with `--cap-drop
 * ALL` the added alone; else the defaults without the dropped and with the added. "All" ends where the kernel's knowledge ends.
 */
export function specCapabilities(options: RunOptions, lastCapability: number): readonly string[] {
	const { privileged, capAdd, capDrop } = options;
	const all: readonly string[] = CAPABILITIES.slice(0, lastCapability + 1);
	if (privileged) return all;
	if (capAdd.includes('ALL')) return all.filter(name => !capDrop.includes(name));
	const base = capDrop.includes('ALL') ? [] : DEFAULT_CAPABILITIES.filter(name => !capDrop.includes(name));
	return [...new Set([...base, ...capAdd])];
}
