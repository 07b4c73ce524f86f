import { expect, it } from 'vitest';
import { defaultMounts } from '../../../src/spec/default-mounts.ts';
import type { RunOptions } from '../../../src/spec/run-options.ts';
import { specInput } from './spec-input-fixture.ts';

const at = (input: Parameters<typeof defaultMounts>[0], path: string) =>
	defaultMounts(input).find(mount => mount.destination === path);
const userns = { userns: { kind: 'private' } } as const;
const idRange = { first: 100_000, size: 65_536 };

it('is read-only in /sys and the cgroups, and writable for a privileged container', () => {
	for (const path of ['/sys', '/sys/fs/cgroup']) {
		expect(at(specInput(), path)?.options).toContain('ro');
		expect(at(specInput({ privileged: true }), path)?.options).not.toContain('ro');
	}
});

it("keeps the cgroups read-only in a user namespace and on the host's cgroup namespace (CVE-2023-25809)", () => {
	expect(at(specInput({ ...userns, cgroupns: 'host' }, { idRange }), '/sys/fs/cgroup')?.options).toContain('ro');
});

it('mounts no cgroups where the host has none', () => {
	const input = specInput();
	expect(at({ ...input, host: { ...input.host, cgroup: { mode: 'none' } } }, '/sys/fs/cgroup')).toBeUndefined();
});

it.each<[Partial<RunOptions>, object | undefined]>([
	[{}, { type: 'tmpfs', source: 'shm', options: ['nosuid', 'noexec', 'nodev', 'mode=1777', 'size=67108864'] }],
	[{ shmSize: 1024 }, { type: 'tmpfs', options: ['nosuid', 'noexec', 'nodev', 'mode=1777', 'size=1024'] }],
	[{ ipc: { kind: 'host' } }, { type: 'bind', source: '/dev/shm', options: ['rbind', 'rprivate'] }],
	[{ ipc: { kind: 'container', container: 'a' } }, { type: 'bind', source: '/other/shm' }],
	[{ ipc: { kind: 'none' } }, undefined],
])('has /dev/shm for %j', (options, mount) => {
	const found = at(specInput(options, { joinedShm: '/other/shm' }), '/dev/shm');
	if (mount === undefined) expect(found).toBeUndefined();
	else expect(found).toMatchObject(mount);
});

it.each<[string, Partial<RunOptions>, string]>([
	['/proc', { pid: { kind: 'host' } }, 'proc'],
	['/sys', { network: { kind: 'host' } }, 'sysfs'],
	['/dev/mqueue', { ipc: { kind: 'host' } }, 'mqueue'],
])("binds the host's %s where a user namespace could not mount it", (path, options, type) => {
	expect(at(specInput(options), path)?.type).toBe(type);
	expect(at(specInput(userns, { idRange }), path)?.type).toBe(type);
	expect(at(specInput({ ...userns, ...options }, { idRange }), path)).toMatchObject({ type: 'bind', source: path });
	expect(at(specInput({ ...userns, ...options }, { idRange }), path)?.options).toContain('rbind');
});

it('names the tty group only where it has an id', () => {
	expect(at(specInput(userns, { idRange }), '/dev/pts')?.options).toContain('gid=5');
	expect(at(specInput(userns, { idRange: { first: 1, size: 5 } }), '/dev/pts')?.options).not.toContain('gid=5');
});
