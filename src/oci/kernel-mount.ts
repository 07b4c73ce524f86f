import type { Mount } from './runtime-spec.ts';

type Shown = 'pid' | 'network' | 'ipc';

/** The kernel's own file systems: whose namespace each one shows, and where the host has its mount of it. */
const KERNEL_MOUNTS: Readonly<Record<string, { readonly shows: Shown; readonly place: string }>> = {
	proc: { shows: 'pid', place: '/proc' },
	sysfs: { shows: 'network', place: '/sys' },
	mqueue: { shows: 'ipc', place: '/dev/mqueue' },
};

export const KERNEL_PLACES: readonly string[] = Object.values(KERNEL_MOUNTS).map(({ place }) => place);

/**
 * The kernel mounts them only for who owns the namespace that they show. From a new user namespace those of the host cannot be mounted,
 * and the host's own mount is bound instead, as podman and crun do it.
 */
export function reachableMount(mount: Mount, isNew: (type: Shown | 'user') => boolean): Mount {
	const { type = '', options = [], destination } = mount;
	const kernel = Object.hasOwn(KERNEL_MOUNTS, type) ? KERNEL_MOUNTS[type] : undefined;
	if (kernel === undefined || !isNew('user') || isNew(kernel.shows)) return mount;
	return { destination, type: 'bind', source: kernel.place, options: ['rbind', 'rprivate', ...options] };
}
