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
const sources = (isUser: boolean) =>
	compileMountSources({ ociVersion: '1.1.0', mounts: MOUNTS }, isUser, {
		rootfs: '/b/rootfs',
		links: { '/srv/link': 'away' },
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
