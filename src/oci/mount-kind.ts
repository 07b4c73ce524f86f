import type { Mount } from './runtime-spec.ts';

/** Whether a mount shows a file or directory that exists: its type says so, or one of its options. */
export function isBind({ type, options }: Mount): boolean {
	return type === 'bind' || (options ?? []).some(option => option === 'bind' || option === 'rbind');
}

/** Whether a mount shows its files under other owners than they have. */
export function hasMappedIds({ uidMappings = [], gidMappings = [], options = [] }: Mount): boolean {
	return uidMappings.length + gidMappings.length > 0 || options.includes('idmap') || options.includes('ridmap');
}
