import { describe, expect, it } from 'vitest';
import type { Mount, RuntimeSpec } from '../../../src/oci/runtime-spec.ts';
import { AT_RECURSIVE, INSIDE_PROC, MOUNT_ATTR, MS, RESOLVE_NO_SYMLINKS } from '../../../src/plan/linux-constants.ts';
import { compileMount, compileReadonly } from '../../../src/plan/mounts.ts';
import { HYBRID } from './cgroup/hosts.ts';
import { stepsOf } from './plan-fixture.ts';

const FACTS = { ...HYBRID, paths: { '/srv/data': 'directory', '/srv/file': 'file', '/srv/gone': 'missing' } as const };

/** A kernel before 5.12. */
const OLD = { ...FACTS, syscalls: { ...FACTS.syscalls, mountSetattr: false } };

function compile(mount: Partial<Mount>, nameOf = (source: string) => source, facts: typeof FACTS = FACTS) {
	return compileMount({ destination: '/data', ...mount }, 3, { facts, nameOf, isUser: false, rootfs: '/b/rootfs' });
}

const inUserNamespace = (mount: Partial<Mount>) =>
	compileMount({ destination: '/data', ...mount }, 3, {
		facts: FACTS,
		nameOf: source => source,
		isUser: true,
		rootfs: '/b/rootfs',
	});

describe('compileMount', () => {
	it('makes a directory, then mounts a file system with its flags and data in one call', () => {
		const options = ['nosuid', 'strictatime', 'mode=755', 'newinstance'];
		expect(compile({ type: 'devpts', source: 'devpts', options })).toMatchObject([
			{ op: 'mkdirInRoot', path: '/data', mode: 0o755, from: '/mounts/3/destination' },
			{
				op: 'mountInRoot',
				source: 'devpts',
				target: '/data',
				type: 'devpts',
				flags: MS.NOSUID | MS.STRICTATIME,
				data: 'mode=755,newinstance',
				resolve: 0,
				from: '/mounts/3',
			},
		]);
	});

	it('mounts a tmpfs by an operation of its own, which takes over the mode of what it covers, and where asked a copy', () => {
		const options = ['nosuid', 'size=64k'];
		expect(compile({ type: 'tmpfs', source: 'shm', options })).toMatchObject([
			{ op: 'tmpfsInRoot', source: 'shm', target: '/data', flags: MS.NOSUID, data: 'size=64k', copy: 0 },
		]);
		expect(compile({ type: 'tmpfs', options: ['tmpcopyup', 'mode=700'] })).toMatchObject([
			{ op: 'tmpfsInRoot', source: 'tmpfs', data: 'mode=700', copy: 1 },
		]);
	});

	it('leaves a tmpfs and /dev writable until everything in them is made', () => {
		expect(compile({ type: 'tmpfs', options: ['ro', 'nodev'] })[0]).toMatchObject({ flags: MS.NODEV });
		expect(compile({ destination: '/dev', type: 'devtmpfs', options: ['ro'] })[1]).toMatchObject({ flags: 0 });
		expect(compile({ type: 'sysfs', options: ['ro'] })[1]).toMatchObject({ flags: MS.RDONLY });
	});

	it('changes what is mounted there already, where an option says remount', () => {
		expect(compile({ type: 'tmpfs', source: 'tmpfs', options: ['remount', 'ro', 'size=1m'] })[1]).toMatchObject({
			op: 'mountInRoot',
			flags: MS.REMOUNT | MS.RDONLY,
			data: 'size=1m',
		});
		expect(compile({ type: 'bind', source: '/srv/gone', options: ['bind', 'remount', 'ro'] })).toMatchObject([
			{ op: 'mountSetattr', set: MOUNT_ATTR.RDONLY },
		]);
	});

	it('refuses options that the kernel would cut off', () => {
		const options = ['size=1m', `context=${'x'.repeat(4080)}`];
		expect(compile({ type: 'devpts', options: options.slice(1) })).toHaveLength(2);
		expect(() => compile({ type: 'devpts', options })).toThrow(
			expect.objectContaining({
				code: 'TSRUN_MOUNT_OPTIONS_TOO_LONG',
				message:
					'the options of the file system are 4096 bytes, and the kernel takes 4095 (config.json /mounts/3/options)',
			}),
		);
		expect(compile({ type: 'bind', source: '/srv/data', options })).toHaveLength(2);
	});

	it.each([
		['/proc', 'proc', INSIDE_PROC + RESOLVE_NO_SYMLINKS],
		['/proc/cpuinfo', 'bind', INSIDE_PROC],
		['/process', 'bind', 0],
	])('mounts inside a proc file system only where the destination says so: %s', (destination, type, resolve) => {
		const mount = compile({ destination, type, source: '/srv/data' }).find(({ op }) => op === 'mountInRoot');
		expect(mount).toMatchObject({ resolve });
	});

	it('takes the type for the source where none is given', () => {
		expect(compile({ type: 'mqueue' })[1]).toMatchObject({ source: 'mqueue', type: 'mqueue' });
	});

	it.each(['proc', 'sysfs'])('mounts %s on no symbolic link of the image (CVE-2023-27561, CVE-2025-54867)', type => {
		expect(compile({ type, source: type })[1]).toMatchObject({ type, resolve: RESOLVE_NO_SYMLINKS });
	});

	it('binds a directory on a directory and a file on a file', () => {
		expect(compile({ type: 'bind', source: '/srv/data', options: ['rbind'] })).toMatchObject([
			{ op: 'mkdirInRoot', path: '/data' },
			{ op: 'mountInRoot', source: '/srv/data', type: '', flags: MS.BIND | MS.REC, data: '' },
		]);
		expect(compile({ type: 'bind', source: '/srv/file', options: ['bind'] })).toMatchObject([
			{ op: 'createInRoot', path: '/data' },
			{ op: 'mountInRoot', source: '/srv/file', flags: MS.BIND },
		]);
	});

	it.each([
		['type', { type: 'bind' }],
		['option bind', { type: 'none', options: ['bind'] }],
		['option rbind', { options: ['rbind'] }],
	])('knows a bind mount by its %s', (_, mount) => {
		const [, made] = compile({ source: '/srv/data', ...mount });
		expect(made).toMatchObject({ op: 'mountInRoot', source: '/srv/data', type: '' });
		expect(Number((made as { flags?: number }).flags) & MS.BIND).toBe(MS.BIND);
	});

	it('gives a bind mount by a second call the flags that are named, and takes those of the source that are not', () => {
		const steps = compile({ type: 'bind', source: '/srv/data', options: ['rbind', 'ro', 'nosuid', 'dev'] });
		expect(stepsOf(steps, 'mountInRoot').map(({ flags }) => flags)).toEqual([MS.BIND | MS.REC]);
		expect(stepsOf(steps, 'mountSetattr')).toMatchObject([
			{
				target: '/data',
				set: MOUNT_ATTR.RDONLY | MOUNT_ATTR.NOSUID,
				clear: MOUNT_ATTR.NODEV | MOUNT_ATTR.NOEXEC | MOUNT_ATTR.NOSYMFOLLOW,
				atFlags: 0,
				from: '/mounts/3',
			},
		]);
	});

	it('leaves a bind mount as its source is where no flag is named', () => {
		expect(compile({ type: 'bind', source: '/srv/data', options: ['rbind', 'defaults', 'rslave'] })).toHaveLength(3);
	});

	it('lets a user namespace keep the flags that it may not clear, but for those that are named', () => {
		const steps = inUserNamespace({ type: 'bind', source: '/srv/data', options: ['bind', 'ro', 'dev'] });
		const noSymfollow = MOUNT_ATTR.NOSYMFOLLOW;
		expect(stepsOf(steps, 'mountSetattr')).toMatchObject([
			{
				set: MOUNT_ATTR.RDONLY,
				clear: MOUNT_ATTR.NOSUID | MOUNT_ATTR.NODEV | MOUNT_ATTR.NOEXEC | noSymfollow,
				tolerate: [1],
			},
			{ set: MOUNT_ATTR.RDONLY, clear: MOUNT_ATTR.NODEV | noSymfollow },
		]);
		expect(stepsOf(steps, 'mountSetattr')[1]).not.toHaveProperty('tolerate');
	});

	it('remounts where the kernel has no mount_setattr', () => {
		const steps = stepsOf(
			compile({ type: 'bind', source: '/srv/data', options: ['rbind', 'ro', 'nosuid'] }, undefined, OLD),
			'mountInRoot',
		);
		expect(steps.map(({ flags }) => flags)).toEqual([MS.BIND | MS.REC, MS.REMOUNT | MS.BIND | MS.RDONLY | MS.NOSUID]);
		expect(steps[1]).toMatchObject({ source: '', target: '/data', from: '/mounts/3' });
	});

	it('sets each propagation by a call of its own, after the flags', () => {
		const options = ['rbind', 'ro', 'slave', 'shared'];
		const steps = stepsOf(compile({ type: 'bind', source: '/srv/data', options }), 'mountInRoot');
		expect(steps.slice(1).map(({ flags }) => flags)).toEqual([MS.SLAVE, MS.SHARED]);
	});

	it('makes every mount below read-only by mount_setattr(2)', () => {
		expect(compile({ type: 'bind', source: '/srv/data', options: ['rbind', 'rro'] }).at(-1)).toMatchObject({
			op: 'mountSetattr',
			target: '/data',
			set: MOUNT_ATTR.RDONLY,
			clear: 0,
			atFlags: AT_RECURSIVE,
		});
	});

	it('names the source as it is held, but tells what is shown by its path', () => {
		const made = compile({ type: 'bind', source: '/srv/data' }, () => '/proc/self/fd/64')[1];
		expect(made).toMatchObject({ source: '/proc/self/fd/64', why: 'show /srv/data at /data' });
	});

	it('takes a source in the root file system that is not there yet for a directory, which a mount before it makes', () => {
		expect(compile({ type: 'bind', source: '/b/rootfs/later' })[0]).toMatchObject({ op: 'mkdirInRoot', path: '/data' });
		expect(() => compile({ type: 'bind', source: '/b/rootfs-2' })).toThrow(/does not exist/);
	});

	it('copies a source that is a link, where an option asks for it', () => {
		const facts = { ...FACTS, links: { '/srv/file': '../data/real' } };
		const link = { type: 'bind', source: '/srv/file', options: ['bind', 'copy-symlink'] };
		expect(compile(link, undefined, facts)).toMatchObject([
			{ op: 'replaceLinkInRoot', target: '../data/real', path: '/data', from: '/mounts/3' },
		]);
		expect(compile(link)[0]).toMatchObject({ op: 'createInRoot' });
		expect(compile({ ...link, options: ['bind'] }, undefined, facts)[0]).toMatchObject({ op: 'createInRoot' });
	});

	it('needs no fact to know the kernel’s own file systems', () => {
		expect(compile({ type: 'bind', source: '/sys' })[0]).toMatchObject({ op: 'mkdirInRoot' });
	});

	it.each(['/srv/gone', '/srv/unknown', 'constructor'])('refuses the missing source %s, naming the field', source => {
		expect(() => compile({ type: 'bind', source })).toThrow(
			expect.objectContaining({
				code: 'TSRUN_MOUNT_SOURCE_MISSING',
				message: expect.stringContaining(`${source} does not exist (config.json /mounts/3/source)`),
			}),
		);
	});
});

describe('compileReadonly', () => {
	const readonly = (spec: Partial<RuntimeSpec>, facts: typeof FACTS = FACTS) =>
		compileReadonly({ ociVersion: '1.1.0', ...spec }, facts);

	it('makes the root, and nothing else, read-only', () => {
		expect(readonly({ root: { path: 'rootfs', readonly: true } })).toMatchObject([
			{ op: 'mountSetattr', target: '/', set: MOUNT_ATTR.RDONLY, clear: 0, atFlags: 0, from: '/root/readonly' },
		]);
		expect(readonly({ root: { path: 'rootfs', readonly: true } }, OLD)).toMatchObject([
			{ op: 'mountInRoot', target: '/', flags: MS.REMOUNT | MS.BIND | MS.RDONLY },
		]);
	});

	it('leaves a root writable that is not asked to be read-only', () => {
		expect([readonly({ root: { path: 'rootfs', readonly: false } }), readonly({ root: { path: 'rootfs' } })]).toEqual([
			[],
			[],
		]);
	});

	it('closes each tmpfs, and /dev, that is asked to be read-only', () => {
		const mounts: readonly Mount[] = [
			{ destination: '/dev', type: 'devtmpfs', options: ['ro'] },
			{ destination: '/run', type: 'tmpfs', options: ['nosuid', 'ro'] },
			{ destination: '/tmp', type: 'tmpfs' },
			{ destination: '/sys', type: 'sysfs', options: ['ro'] },
			{ destination: '/dev', source: '/dev', options: ['bind', 'ro'] },
		];
		expect(readonly({ mounts })).toMatchObject([
			{ op: 'mountSetattr', target: '/dev', set: MOUNT_ATTR.RDONLY, from: '/mounts/0' },
			{ op: 'mountSetattr', target: '/run', set: MOUNT_ATTR.RDONLY, from: '/mounts/1' },
		]);
		expect(readonly({ mounts }, OLD)[1]).toMatchObject({ flags: MS.REMOUNT | MS.BIND | MS.RDONLY | MS.NOSUID });
	});
});
