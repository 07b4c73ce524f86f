import type { HostFacts } from '../plan/host-facts.ts';

/** `6.18.44-fc` of uname(2) → its numbers. */
export function parseKernelRelease(release: string): HostFacts['kernel'] {
	const match = /^(\d+)\.(\d+)/.exec(release);
	if (match === null) throw new Error(`kernel release ${JSON.stringify(release)} has no version`);
	return { release, major: Number(match[1]), minor: Number(match[2]) };
}
