import { readFileSync } from 'node:fs';

/** What gethostname(2) returns in this UTS namespace. */
export function readHostname(): string {
	return readFileSync('/proc/sys/kernel/hostname', 'utf8').trimEnd();
}
