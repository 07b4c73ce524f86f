import { readFileSync } from 'node:fs';

/** Whether the ids of this process are not those of the machine: the first user namespace maps every id to itself (user_namespaces(7)). */
export function isInUserNamespace(): boolean {
	const map = readFileSync('/proc/self/uid_map', 'utf8');
	return map.trim().split(/\s+/).join(' ') !== '0 0 4294967295';
}
