import { normalPath } from '../core/paths.ts';
import { isBind } from './mount-kind.ts';
import type { Mount } from './runtime-spec.ts';

/** What may be mounted below /proc: files that lxcfs fakes for a container, as runc has them. */
const PROC_FILES: readonly string[] = [
	'/proc/cpuinfo',
	'/proc/diskstats',
	'/proc/loadavg',
	'/proc/meminfo',
	'/proc/net/dev',
	'/proc/slabinfo',
	'/proc/stat',
	'/proc/swaps',
	'/proc/sys/crypto/fips_enabled',
	'/proc/sys/kernel/ns_last_pid',
	'/proc/uptime',
];

/**
 * A destination as a path from the root of the container. As runc reads it: a relative one counts from the root, `..` never leads
 * above it, and one that begins with the path of the root file system on the host is meant inside of that.
 */
export function mountPlace(destination: string, rootfs?: string): string {
	const path = normalPath(`/${destination}`);
	if (rootfs === undefined || rootfs === '/') return path;
	const root = normalPath(`/${rootfs}`);
	if (path === root) return '/';
	return path.startsWith(`${root}/`) ? path.slice(root.length) : path;
}

/**
 * Why nothing can be mounted there, or undefined; of a mount whose destination is a {@link mountPlace}. Labels and limits are written
 * through /proc: something else in its place would swallow them (CVE-2019-16884, CVE-2019-19921).
 */
export function placeProblem(mount: Mount): string | undefined {
	const path = mount.destination;
	if (path === '/') return 'would cover the root';
	const isHostProc = isBind(mount) && mountPlace(mount.source ?? '') === '/proc';
	if (path === '/proc' && mount.type !== 'proc' && !isHostProc) return 'can be covered by proc only';
	if (path.startsWith('/proc/') && !PROC_FILES.includes(path)) return 'is inside /proc and must not be covered';
	return undefined;
}
