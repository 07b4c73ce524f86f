import { expect, it } from 'vitest';
import type { Mount } from '../../../src/oci/runtime-spec.ts';
import { compileMountSources } from '../../../src/plan/mount-sources.ts';

const bind = (source: string): Mount => ({ destination: '/a', source, options: ['bind'] });
const MAP = [{ containerID: 0, hostID: 1, size: 1 }];
const MOUNTS: readonly Mount[] = [
	{ destination: '/proc', type: 'proc', source: 'proc' },
	bind('/srv/data'),
	bind('/b/rootfs/mnt'),
	bind('/srv/file'),
	bind('/srv/data'),
	{ ...bind('/srv/link'), options: ['bind', 'copy-symlink'] },
	{ ...bind('/srv/mapped'), uidMappings: MAP, gidMappings: MAP },
];
const ALL = (1n << 41n) - 1n;
const sources = (isUser: boolean, capabilities = 0n) =>
	compileMountSources({ ociVersion: '1.1.0', mounts: MOUNTS }, isUser, {
		rootfs: '/b/rootfs',
		links: { '/srv/link': 'away' },
		capabilities,
	});

it('names a source by its path where root may go anywhere', () => {
	const { open, nameOf } = sources(false);
	expect(open).toEqual([]);
	expect(nameOf('/srv/data')).toBe('/srv/data');
});

it('holds each source once, before init becomes root of a user namespace', () => {
	const { open, nameOf } = sources(true);
	expect(open).toMatchObject([
		{ op: 'openSource', fd: 63, path: '/b/rootfs' },
		{ op: 'openSource', fd: 65, path: '/srv/file', from: '/mounts/3/source' },
		{ op: 'openSource', fd: 66, path: '/srv/data', from: '/mounts/4/source' },
	]);
	expect(nameOf('/srv/data')).toBe('/proc/self/fd/66');
	expect(nameOf('/srv/unknown')).toBe('/srv/unknown');
});

it('looks up what lies in the root file system when it is mounted, as mounts before may have made it', () => {
	expect(sources(true).nameOf('/b/rootfs/mnt')).toBe('/proc/self/fd/63/mnt');
	expect(sources(true).nameOf('/b/rootfs')).toBe('/proc/self/fd/63');
});

it('leaves out what the supervisor sends, and what is copied as a link', () => {
	expect(sources(true).open.map(step => 'path' in step && step.path)).not.toContain('/srv/mapped');
	expect(sources(true).nameOf('/srv/link')).toBe('/srv/link');
});

it('has the supervisor open each source, where it may enter the mount namespace of init', () => {
	const { send, open, nameOf } = sources(true, ALL);
	expect(send).toMatchObject([
		{ op: 'turn' },
		{ op: 'sendSource', path: '/b/rootfs' },
		{ op: 'turn' },
		{ op: 'sendSource', path: '/srv/file', from: '/mounts/3/source' },
		{ op: 'turn' },
		{ op: 'sendSource', path: '/srv/data' },
	]);
	expect(open).toMatchObject([
		{ op: 'turn' },
		{ op: 'openSource', fd: 63, path: '' },
		{ op: 'turn' },
		{ op: 'openSource', fd: 65, path: '', from: '/mounts/3/source' },
		{ op: 'turn' },
		{ op: 'openSource', fd: 66, path: '' },
	]);
	expect(nameOf('/srv/data')).toBe('/proc/self/fd/66');
	expect(sources(false, ALL).send).toEqual([]);
});

it.each([18n, 21n])('leaves the sources to init without capability %i', missing => {
	expect(sources(true, ALL & ~(1n << missing)).send).toEqual([]);
});

it('opens a path inside of a volume below that, and mounts it from the descriptor', () => {
	const mounts = [bind('/v/_data/a/b'), bind('/v/_data')];
	const { send, open, nameOf } = compileMountSources({ ociVersion: '1.1.0', mounts }, false, {
		rootfs: '/b/rootfs',
		capabilities: ALL,
		subpaths: [{ source: '/v/_data/a/b', base: '/v/_data', inside: 'a/b' }],
	});
	expect(send).toEqual([]);
	expect(open).toMatchObject([{ op: 'openSource', fd: 64, path: '/v/_data', inside: 'a/b', from: '/mounts/0/source' }]);
	expect([nameOf('/v/_data/a/b'), nameOf('/v/_data')]).toEqual(['/proc/self/fd/64', '/v/_data']);
});
