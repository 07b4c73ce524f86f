import type { Device, DeviceRule } from '../oci/runtime-spec.ts';
import { badFlag } from './bad-flag.ts';
import type { DeviceRequest } from './run-options.ts';
import type { DeviceNode, SpecInput } from './spec-input.ts';

/** Each container has these without being asked, or mounts its own (config-linux.md, "Default Devices"). */
const PROVIDED: readonly string[] = ['null', 'zero', 'full', 'random', 'urandom', 'tty', 'console', 'ptmx'].map(
	name => `/dev/${name}`,
);
const PROVIDED_TREES: readonly string[] = ['/dev/pts/', '/dev/shm/', '/dev/fd/', '/dev/mqueue/', '/dev/.'];

/** Every container may use the devices it is given, and make nodes of others that it then cannot open. */
const DEFAULT_RULES: readonly DeviceRule[] = [
	{ allow: false, access: 'rwm' },
	{ allow: true, type: 'c', access: 'm' },
	{ allow: true, type: 'b', access: 'm' },
	{ allow: true, type: 'c', major: 1, minor: 3, access: 'rwm' },
	{ allow: true, type: 'c', major: 1, minor: 5, access: 'rwm' },
	{ allow: true, type: 'c', major: 1, minor: 7, access: 'rwm' },
	{ allow: true, type: 'c', major: 1, minor: 8, access: 'rwm' },
	{ allow: true, type: 'c', major: 1, minor: 9, access: 'rwm' },
	{ allow: true, type: 'c', major: 5, minor: 0, access: 'rwm' },
	{ allow: true, type: 'c', major: 5, minor: 1, access: 'rwm' },
	{ allow: true, type: 'c', major: 5, minor: 2, access: 'rwm' },
	{ allow: true, type: 'c', major: 136, access: 'rwm' },
];

export interface SpecDevices {
	readonly devices: readonly Device[];
	readonly rules: readonly DeviceRule[];
}

/**
 * The devices of --device and --privileged with the rules that let the container use them. Later entries of the same path win.
 * @throws TsrunError TSRUN_BAD_FLAG when --device names none of the host's
 */
export function specDevices({ options, host }: SpecInput): SpecDevices {
	const asked = options.devices.flatMap(request => nodesOf(request, host.devices));
	if (options.privileged) {
		const all = Object.entries(host.devices)
			.filter(([path, node]) => node.type !== 'p' && isHostDevice(path))
			.map(([path, node]) => toDevice(path, node));
		return {
			devices: uniqueByPath([...all, ...asked.map(({ device }) => device)]),
			rules: [{ allow: true, access: 'rwm' }],
		};
	}
	return {
		devices: uniqueByPath(asked.map(({ device }) => device)),
		rules: [...DEFAULT_RULES, ...asked.flatMap(({ rule }) => (rule === undefined ? [] : [rule]))],
	};
}

function isHostDevice(path: string): boolean {
	return path.startsWith('/dev/') && !PROVIDED.includes(path) && !PROVIDED_TREES.some(tree => path.startsWith(tree));
}

function nodesOf(request: DeviceRequest, known: SpecInput['host']['devices']) {
	const { source, destination, access } = request;
	const found = Object.entries(known).filter(([path]) => path === source || path.startsWith(`${source}/`));
	if (found.length === 0) {
		throw badFlag('--device', source, { problem: 'is not a device of the host', example: '--device /dev/fuse' });
	}
	return found.map(([path, node]) => ({
		device: toDevice(destination + path.slice(source.length), node),
		rule: node.type === 'p' ? undefined : toRule(node.type, node, access),
	}));
}

function toRule(type: 'c' | 'b', { major, minor }: DeviceNode, access: string): DeviceRule {
	return { allow: true, type, major, minor, access };
}

function toDevice(path: string, { type, major, minor, mode, uid, gid }: DeviceNode): Device {
	const numbers = type === 'p' ? {} : { major, minor };
	return { type, path, ...numbers, fileMode: mode & 0o7777, uid, gid };
}

function uniqueByPath(devices: readonly Device[]): readonly Device[] {
	return [...new Map(devices.map(device => [device.path, device])).values()];
}
