import { parseContainerId } from '../../../src/core/brands.ts';
import type { ImageExecution } from '../../../src/oci/image-spec.ts';
import { DEFAULT_RUN_OPTIONS, type RunOptions } from '../../../src/spec/run-options.ts';
import type { SpecInput } from '../../../src/spec/spec-input.ts';

export const ID = parseContainerId('0123456789abcdef'.repeat(4));

export const IMAGE: ImageExecution = {
	user: '',
	env: ['PATH=/bin', 'FROM_IMAGE=1'],
	entrypoint: [],
	cmd: ['sh'],
	workingDir: '',
	volumes: [],
	labels: {},
	stopSignal: '',
	exposedPorts: [],
};

/** Character and block devices as a small host has them. */
export const DEVICES: SpecInput['host']['devices'] = {
	'/dev/null': { type: 'c', major: 1, minor: 3, mode: 0o666, uid: 0, gid: 0 },
	'/dev/console': { type: 'c', major: 5, minor: 1, mode: 0o600, uid: 0, gid: 5 },
	'/dev/pts/0': { type: 'c', major: 136, minor: 0, mode: 0o620, uid: 0, gid: 5 },
	'/dev/fuse': { type: 'c', major: 10, minor: 229, mode: 0o666, uid: 0, gid: 0 },
	'/dev/sda': { type: 'b', major: 8, minor: 0, mode: 0o660, uid: 0, gid: 6 },
	'/dev/snd/pcm': { type: 'c', major: 116, minor: 3, mode: 0o660, uid: 0, gid: 29 },
	'/dev/snd/seq': { type: 'c', major: 116, minor: 1, mode: 0o660, uid: 0, gid: 29 },
	'/dev/initctl': { type: 'p', major: 0, minor: 0, mode: 0o600, uid: 0, gid: 0 },
};

const INPUT: SpecInput = {
	image: IMAGE,
	options: DEFAULT_RUN_OPTIONS,
	args: ['sh'],
	id: ID,
	user: { uid: 0, gid: 0, additionalGids: [0, 10], home: '/root', name: 'root' },
	rootfs: '/var/lib/tsrun/containers/c/merged',
	files: { hosts: '/run/tsrun/c/hosts', hostname: '/run/tsrun/c/hostname', resolvConf: '/run/tsrun/c/resolv.conf' },
	overlays: '/var/lib/tsrun/containers/c/overlays',
	host: {
		hostname: 'the-host',
		arch: 'x64',
		kernel: { major: 6, minor: 1 },
		lastCapability: 40,
		capabilities: (1n << 41n) - 1n,
		syscalls: { mountSetattr: true },
		cgroup: { mode: 'unified' },
		devices: DEVICES,
	},
	joined: {},
	volumes: {},
};

/** `run busybox sh` on a usual host, with the differences given. */
export function specInput(options: Partial<RunOptions> = {}, rest: Partial<SpecInput> = {}): SpecInput {
	return { ...INPUT, ...rest, options: { ...DEFAULT_RUN_OPTIONS, ...options } };
}
