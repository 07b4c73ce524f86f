import type { ContainerId } from '../core/brands.ts';
import type { RunOptions } from './run-options.ts';

const SHORT_ID_LENGTH = 12;

/**
 * The name that the container's processes see and /etc/hostname holds: the flag's, the host's where the container shares the host's
 * uts or network namespace, else the first twelve digits of the id.
 */
export function containerHostname(options: RunOptions, id: ContainerId, hostHostname: string): string {
	if (options.hostname !== undefined) return options.hostname;
	if (options.uts.kind === 'host' || options.network.kind === 'host') return hostHostname;
	return id.slice(0, SHORT_ID_LENGTH);
}
