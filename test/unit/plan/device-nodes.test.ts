import { describe, expect, it } from 'vitest';
import type { Device, Mount, RuntimeSpec } from '../../../src/oci/runtime-spec.ts';
import { compileDevices, DEFAULT_DEVICES, makedev } from '../../../src/plan/device-nodes.ts';
import { HYBRID as FACTS } from './cgroup/hosts.ts';
import { stepsOf } from './plan-fixture.ts';

const FUSE: Device = { type: 'c', path: '/dev/fuse', major: 10, minor: 229, fileMode: 0o660, uid: 1, gid: 2 };
const TMPFS: Mount = { destination: '/dev', type: 'tmpfs', source: 'tmpfs' };

function spec(devices: readonly Device[], mounts: readonly Mount[] = [TMPFS]): RuntimeSpec {
	return { ociVersion: '1.1.0', mounts, linux: { devices } };
}

describe('makedev', () => {
	it.each([
		[1, 3, 0x103n],
		[136, 255, 0x88ffn],
		[8, 256, 0x100800n],
		[0xfff, 0xfffff, 0xffff_ffffn],
		[0x1000, 0, 0x1000n << 32n],
		[259, 0x1234567, (0x1234500n << 12n) | (259n << 8n) | 0x67n],
	])('packs %i:%i as the kernel does', (major, minor, device) => {
		expect(makedev(major, minor)).toBe(device);
	});
});

describe('compileDevices', () => {
	it('makes the devices that every container has, open to all, and the links', () => {
		const steps = compileDevices(spec([]), false, FACTS);
		const nodes = stepsOf(steps, 'mknodInRoot');
		expect(nodes.map(({ path }) => path)).toEqual(
			['null', 'zero', 'full', 'random', 'urandom', 'tty'].map(name => `/dev/${name}`),
		);
		expect(new Set(nodes.map(({ mode, uid, gid }) => `${Number(mode).toString(8)} ${uid} ${gid}`))).toEqual(
			new Set(['20666 0 0']),
		);
		expect(stepsOf(steps, 'symlinkInRoot').map(({ path, target }) => [path, target])).toEqual([
			['/dev/fd', '/proc/self/fd'],
			['/dev/stdin', '/proc/self/fd/0'],
			['/dev/stdout', '/proc/self/fd/1'],
			['/dev/stderr', '/proc/self/fd/2'],
			['/dev/core', '/proc/kcore'],
		]);
	});

	it('makes them also where nothing is mounted at /dev (config-linux.md, "Default Devices")', () => {
		expect(compileDevices(spec([], []), false, FACTS)).toEqual(compileDevices(spec([]), false, FACTS));
	});

	it('links ptmx to the devpts of the container, whatever is there or asked for', () => {
		const ptmx: Device = { type: 'c', path: '/dev/../dev/ptmx', major: 5, minor: 2 };
		const steps = compileDevices(spec([ptmx]), false, FACTS);
		expect(steps.at(-1)).toMatchObject({ op: 'replaceLinkInRoot', path: '/dev/ptmx', target: 'pts/ptmx' });
		expect(stepsOf(steps, 'mknodInRoot').every(({ from }) => from === undefined)).toBe(true);
	});

	it('binds devices too where tsrun itself runs in a user namespace', () => {
		const steps = compileDevices(spec([FUSE]), false, { ...FACTS, inUserNamespace: true });
		expect(stepsOf(steps, 'mknodInRoot')).toEqual([]);
		expect(stepsOf(steps, 'mountInRoot').at(-1)).toMatchObject({ source: '/dev/fuse', target: '/dev/fuse' });
	});

	it('makes asked devices with their owner and mode, and names the field', () => {
		const node = compileDevices(spec([FUSE]), false, FACTS).find(({ from }) => from !== undefined);
		expect(node).toMatchObject({
			op: 'mknodInRoot',
			path: '/dev/fuse',
			mode: 0o020660,
			device: makedev(10, 229),
			uid: 1,
			gid: 2,
			from: '/linux/devices/0',
		});
	});

	it('makes block devices and pipes, the latter without a number', () => {
		const steps = compileDevices(
			spec([
				{ type: 'b', path: '/dev/sda', major: 8, minor: 0 },
				{ type: 'p', path: '/dev/pipe', major: 7, minor: 7 },
				{ type: 'u', path: '/dev/raw', major: 1, minor: 1 },
			]),
			false,
			FACTS,
		).filter(({ from }) => from !== undefined);
		expect(stepsOf(steps, 'mknodInRoot').map(({ mode, device }) => [mode, device])).toEqual([
			[0o060666, makedev(8, 0)],
			[0o010666, 0],
			[0o020666, makedev(1, 1)],
		]);
	});

	it('lets a device of the configuration replace one that every container has', () => {
		const own: Device = { type: 'c', path: '/dev/null', major: 1, minor: 3, fileMode: 0o600 };
		const nulls = stepsOf(compileDevices(spec([own]), false, FACTS), 'mknodInRoot').filter(
			({ path }) => path === '/dev/null',
		);
		expect(nulls).toMatchObject([{ mode: 0o020600, from: '/linux/devices/0' }]);
	});

	it('binds the devices of the host in a user namespace, where none can be made', () => {
		const steps = compileDevices(spec([FUSE, { type: 'p', path: '/dev/pipe' }]), true, FACTS);
		expect(stepsOf(steps, 'mknodInRoot').map(({ path }) => path)).toEqual(['/dev/pipe']);
		expect(stepsOf(steps, 'createInRoot').map(({ path }) => path)).toEqual(
			[...DEFAULT_DEVICES, FUSE].map(({ path }) => path),
		);
		expect(stepsOf(steps, 'mountInRoot').at(-1)).toMatchObject({ source: '/dev/fuse', target: '/dev/fuse' });
	});

	it.each([
		['by its type', { destination: '/dev', type: 'bind', source: '/dev' }],
		['by an option', { destination: '/dev', type: 'none', source: '/dev', options: ['rbind', 'ro'] }],
		['with a slash too many', { destination: '//dev/', type: 'bind', source: '/dev' }],
	] as const)('changes nothing in a /dev that is bound, which may be that of the host: %s', (_, mount) => {
		expect(compileDevices(spec([FUSE], [mount]), false, FACTS)).toEqual([]);
		expect(compileDevices(spec([FUSE], [mount]), true, FACTS)).toEqual([]);
	});

	it('binds the host’s device of the same numbers where it is called otherwise in the container', () => {
		const fuse = { type: 'c', major: 10, minor: 229, mode: 0o660, uid: 0, gid: 0 } as const;
		const facts = { ...FACTS, devices: { '/dev/fuse': fuse } };
		const steps = compileDevices(spec([{ ...FUSE, path: '/dev/mine' }]), true, facts);
		expect(stepsOf(steps, 'mountInRoot').find(({ target }) => target === '/dev/mine')?.source).toBe('/dev/fuse');
	});
});
