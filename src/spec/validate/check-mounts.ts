import type { Mount, RuntimeSpec } from '../../oci/runtime-spec.ts';
import { badConfig, shortly } from './bad-config.ts';
import { pathProblem } from './path-problem.ts';

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

export function checkRoot({ root }: RuntimeSpec): void {
	if (root === undefined) throw badConfig('/root', 'is required and missing');
	if (root.path === '') throw badConfig('/root/path', 'is empty');
}

export function checkMounts(spec: RuntimeSpec): void {
	for (const [index, mount] of (spec.mounts ?? []).entries()) {
		const pointer = `/mounts/${index}`;
		const problem = pathProblem(mount.destination) ?? (isRoot(mount.destination) ? 'would cover the root' : undefined);
		if (problem !== undefined) throw badConfig(`${pointer}/destination`, `${shortly(mount.destination)} ${problem}`);
		if (isBind(mount)) {
			if ((mount.source ?? '') === '') throw badConfig(`${pointer}/source`, 'is required for a bind mount and missing');
		} else if ((mount.type ?? '') === '') {
			throw badConfig(`${pointer}/type`, 'is required and missing, as no option says bind');
		}
		checkProc(mount, pointer);
	}
}

/**
 * Labels and limits are written through /proc; something else in its place would swallow them (CVE-2019-16884, CVE-2019-19921).
 */
function checkProc(mount: Mount, pointer: string): void {
	const path = mount.destination.replace(/\/+/g, '/').replace(/(?<=.)\/$/, '');
	const isHostProc = isBind(mount) && mount.source?.replace(/(?<=.)\/+$/, '') === '/proc';
	if (path === '/proc' && mount.type !== 'proc' && !isHostProc) {
		throw badConfig(`${pointer}/destination`, '/proc can be covered by proc only');
	}
	if (path.startsWith('/proc/') && !PROC_FILES.includes(path)) {
		throw badConfig(`${pointer}/destination`, `${shortly(path)} is inside /proc and must not be covered`);
	}
}

function isBind({ type, options }: Mount): boolean {
	return type === 'bind' || (options ?? []).some(option => option === 'bind' || option === 'rbind');
}

function isRoot(path: string): boolean {
	return path.split('/').every(part => part === '' || part === '.');
}

export function checkHiddenPaths(spec: RuntimeSpec): void {
	for (const field of ['maskedPaths', 'readonlyPaths'] as const) {
		for (const [index, path] of (spec.linux?.[field] ?? []).entries()) {
			const problem = pathProblem(path);
			if (problem !== undefined) throw badConfig(`/linux/${field}/${index}`, `${shortly(path)} ${problem}`);
		}
	}
}

export function checkRootfsPropagation(spec: RuntimeSpec): void {
	const word = spec.linux?.rootfsPropagation;
	if (word === undefined || word === '') return;
	if (!/^(r?(shared|slave|private|unbindable))$/.test(word)) {
		throw badConfig('/linux/rootfsPropagation', `${shortly(word)} is no propagation`);
	}
}
