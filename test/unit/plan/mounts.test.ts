import { describe, expect, it } from 'vitest';
import type { Mount } from '../../../src/oci/runtime-spec.ts';
import { AT_RECURSIVE, MOUNT_ATTR, MS, RESOLVE_NO_SYMLINKS } from '../../../src/plan/linux-constants.ts';
import { compileMount, compileReadonlyRoot } from '../../../src/plan/mounts.ts';
import { HYBRID } from './cgroup/hosts.ts';
import { stepsOf } from './plan-fixture.ts';

const FACTS = { ...HYBRID, paths: { '/srv/data': 'directory', '/srv/file': 'file', '/srv/gone': 'missing' } as const };

/** A kernel before 5.12. */
const OLD = { ...FACTS, syscalls: { ...FACTS.syscalls, mountSetattr: false } };

function compile(mount: Partial<Mount>, nameOf = (source: string) => source, facts: typeof FACTS = FACTS) {
	return compileMount({ destination: '/data', ...mount }, 3, { facts, nameOf });
}

describe('compileMount', () => {
	it('makes a directory, then mounts a file system with its flags and data in one call', () => {
		const options = ['nosuid', 'strictatime', 'mode=755', 'size=64k'];
		expect(compile({ type: 'tmpfs', source: 'shm', options })).toMatchObject([
			{ op: 'mkdirInRoot', path: '/data', mode: 0o755, from: '/mounts/3/destination' },
			{
				op: 'mountInRoot',
				source: 'shm',
				target: '/data',
				type: 'tmpfs',
				flags: MS.NOSUID | MS.STRICTATIME,
				data: 'mode=755,size=64k',
				resolve: 0,
				from: '/mounts/3',
			},
		]);
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

	it('gives a bind mount its flags by a second call, which leaves those of the source that are not named', () => {
		const steps = compile({ type: 'bind', source: '/srv/data', options: ['rbind', 'ro', 'nosuid', 'dev'] });
		expect(stepsOf(steps, 'mountInRoot').map(({ flags }) => flags)).toEqual([MS.BIND | MS.REC]);
		expect(stepsOf(steps, 'mountSetattr')).toMatchObject([
			{
				target: '/data',
				set: MOUNT_ATTR.RDONLY | MOUNT_ATTR.NOSUID,
				clear: MOUNT_ATTR.NODEV,
				atFlags: 0,
				from: '/mounts/3',
			},
		]);
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

	it.each(['/srv/gone', '/srv/unknown', 'constructor'])('refuses the missing source %s, naming the field', source => {
		expect(() => compile({ type: 'bind', source })).toThrow(
			expect.objectContaining({
				code: 'TSRUN_MOUNT_SOURCE_MISSING',
				message: expect.stringContaining(`${source} does not exist (config.json /mounts/3/source)`),
			}),
		);
	});
});

describe('compileReadonlyRoot', () => {
	const root = (readonly?: boolean) =>
		compileReadonlyRoot({
			ociVersion: '1.1.0',
			root: { path: 'rootfs', ...(readonly === undefined ? {} : { readonly }) },
		});

	it('remounts the root, and nothing else, read-only', () => {
		expect(root(true)).toMatchObject([{ op: 'mountInRoot', target: '/', flags: MS.REMOUNT | MS.BIND | MS.RDONLY }]);
	});

	it('leaves a root writable that is not asked to be read-only', () => {
		expect([root(false), root()]).toEqual([[], []]);
	});
});
