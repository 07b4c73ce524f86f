import { normalPath } from '../core/paths.ts';
import type { Device, RuntimeSpec } from '../oci/runtime-spec.ts';
import type { HostFacts } from './host-facts.ts';
import { ERRNO, MS, S_IFBLK, S_IFCHR, S_IFIFO } from './linux-constants.ts';
import type { Step } from './step.ts';

/** Devices that every container has (runtime-spec config-linux.md, "Default Devices"); /dev/console comes with a terminal. */
export const DEFAULT_DEVICES: readonly Device[] = [
	{ type: 'c', path: '/dev/null', major: 1, minor: 3, fileMode: 0o666 },
	{ type: 'c', path: '/dev/zero', major: 1, minor: 5, fileMode: 0o666 },
	{ type: 'c', path: '/dev/full', major: 1, minor: 7, fileMode: 0o666 },
	{ type: 'c', path: '/dev/random', major: 1, minor: 8, fileMode: 0o666 },
	{ type: 'c', path: '/dev/urandom', major: 1, minor: 9, fileMode: 0o666 },
	{ type: 'c', path: '/dev/tty', major: 5, minor: 0, fileMode: 0o666 },
];

const DEFAULT_LINKS: readonly (readonly [path: string, target: string])[] = [
	['/dev/fd', '/proc/self/fd'],
	['/dev/stdin', '/proc/self/fd/0'],
	['/dev/stdout', '/proc/self/fd/1'],
	['/dev/stderr', '/proc/self/fd/2'],
	['/dev/core', '/proc/kcore'],
];

/** Of the container's own devpts, whatever the image or the configuration has there (devpts in the kernel's documentation). */
const PTMX = { path: '/dev/ptmx', target: 'pts/ptmx' } as const;

const TYPE_BITS = { c: S_IFCHR, u: S_IFCHR, b: S_IFBLK, p: S_IFIFO } as const;

/** dev_t as mknod(2) takes it on Linux: 12 bits of major and 20 of minor, spread (sysmacros.h, gnu_dev_makedev). */
export function makedev(major: number, minor: number): bigint {
	const [a, b] = [BigInt(major), BigInt(minor)];
	return ((a & 0xfffff000n) << 32n) | ((a & 0xfffn) << 8n) | ((b & 0xffffff00n) << 12n) | (b & 0xffn);
}

/**
 * Nodes and links under /dev. In a user namespace no node can be made; the host's own is bound instead. What is bound at /dev
 * is left as it is: it may be the host's own.
 */
export function compileDevices(spec: RuntimeSpec, isUser: boolean, facts: HostFacts): readonly Step[] {
	if (isDevBound(spec)) return [];
	const asked = (spec.linux?.devices ?? [])
		.map((device, index) => ({ device, from: `/linux/devices/${index}` }))
		.filter(({ device }) => normalPath(device.path) !== PTMX.path);
	const defaults = DEFAULT_DEVICES.filter(({ path }) => !asked.some(({ device }) => device.path === path)).map(
		device => ({ device, from: undefined }),
	);
	const nodes = [...defaults, ...asked].flatMap(({ device, from }) =>
		(isUser || facts.inUserNamespace === true) && device.type !== 'p'
			? bindSteps(device, from, hostPath(device, facts))
			: [nodeStep(device, from)],
	);
	return [...nodes, ...linkSteps()];
}

/** Whether what is at /dev comes from elsewhere: then nothing is made there. */
export function isDevBound(spec: RuntimeSpec): boolean {
	return (spec.mounts ?? []).some(
		({ destination, type, options = [] }) =>
			normalPath(destination) === '/dev' &&
			(type === 'bind' || options.some(option => option === 'bind' || option === 'rbind')),
	);
}

function nodeStep(device: Device, from: string | undefined): Step {
	return {
		op: 'mknodInRoot',
		path: device.path,
		mode: TYPE_BITS[device.type] | ((device.fileMode ?? 0o666) & 0o7777),
		device: device.type === 'p' ? 0 : makedev(device.major ?? 0, device.minor ?? 0),
		uid: device.uid ?? 0,
		gid: device.gid ?? 0,
		phase: 'devices',
		why: from === undefined ? 'one of the devices that every container has' : 'a device of the configuration',
		...(from === undefined ? {} : { from }),
	};
}

/** A device may be called otherwise in the container; its numbers tell which of the host's it is. */
function hostPath({ type, path, major, minor }: Device, { devices }: HostFacts): string {
	const same = Object.entries(devices).find(
		([, fact]) => fact.type === type && fact.major === major && fact.minor === minor,
	);
	return same?.[0] ?? path;
}

function bindSteps(device: Device, from: string | undefined, source: string): readonly Step[] {
	const notes = {
		phase: 'devices',
		why: 'in a user namespace the host’s device is bound, since none can be made',
		...(from === undefined ? {} : { from }),
	} as const;
	return [
		{ op: 'createInRoot', path: device.path, mode: 0o666, ...notes },
		{
			op: 'mountInRoot',
			source,
			target: device.path,
			type: '',
			flags: MS.BIND,
			data: '',
			resolve: 0,
			...notes,
		},
	];
}

function linkSteps(): readonly Step[] {
	const notes = { phase: 'devices', why: 'a link that programs expect' } as const;
	return [
		...DEFAULT_LINKS.map(
			([path, target]): Step => ({ op: 'symlinkInRoot', target, path, tolerate: [ERRNO.EEXIST], ...notes }),
		),
		{ op: 'replaceLinkInRoot', ...PTMX, ...notes },
	];
}
