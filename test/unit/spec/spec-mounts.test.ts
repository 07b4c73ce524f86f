import { expect, it } from 'vitest';
import type { Mount } from '../../../src/oci/runtime-spec.ts';
import { parseMount } from '../../../src/spec/parse-mount.ts';
import { parseTmpfs } from '../../../src/spec/parse-tmpfs.ts';
import { parseVolume } from '../../../src/spec/parse-volume.ts';
import type { SpecInput } from '../../../src/spec/spec-input.ts';
import { rootfsPropagation, specMounts } from '../../../src/spec/spec-mounts.ts';
import { IMAGE, specInput } from './spec-input-fixture.ts';

const destinations = (input: Parameters<typeof specMounts>[0]) => specMounts(input).map(mount => mount.destination);
const at = (input: Parameters<typeof specMounts>[0], path: string) =>
	specMounts(input).filter(mount => mount.destination === path);
const DEFAULTS = ['/proc', '/dev', '/dev/pts', '/sys', '/sys/fs/cgroup', '/dev/mqueue', '/dev/shm'];
const FILES = ['/etc/resolv.conf', '/etc/hostname', '/etc/hosts'];

it('mounts what holds other mounts first', () => {
	const mounts = [
		parseVolume('/a:/x/y/z', '/'),
		parseVolume('/b:/x', '/'),
		parseTmpfs('/x/y'),
		parseVolume('/c:/w', '/'),
	];
	expect(destinations(specInput({ mounts }))).toEqual([...DEFAULTS, '/x', '/w', ...FILES, '/x/y', '/x/y/z']);
});

it.each(['/etc/hosts', '/etc/resolv.conf', '/etc/hostname', '/dev/shm', '/sys'])('lets the user replace %s', path => {
	const found = at(specInput({ mounts: [parseVolume(`/mine:${path}`, '/')] }), path);
	expect(found.map(mount => mount.source)).toEqual(['/mine']);
});

it('leaves all of /dev to a /dev of the user', () => {
	const found = destinations(specInput({ mounts: [parseVolume('/dev:/dev', '/')] }));
	expect(found.filter(path => path.startsWith('/dev'))).toEqual(['/dev']);
});

it.each([
	['/s:/d', true, ['rbind', 'rprivate']],
	['/s:/d:ro', true, ['rbind', 'ro', 'rro', 'rprivate']],
	['/s:/d:ro', false, ['rbind', 'ro', 'rprivate']],
	['/s:/d:rshared', true, ['rbind', 'rshared']],
	['/s:/d:idmap', true, ['rbind', 'idmap', 'rprivate']],
])('binds -v %s where mount_setattr works: %s', (text, mountSetattr, options) => {
	const input = specInput({ mounts: [parseVolume(text, '/')] });
	expect(at({ ...input, host: { ...input.host, syscalls: { mountSetattr } } }, '/d')).toEqual([
		{ destination: '/d', type: 'bind', source: '/s', options },
	]);
});

it.each([
	['', ['rbind', 'rprivate']],
	[',bind-recursive=disabled', ['bind', 'rprivate']],
	[',ro,bind-recursive=disabled', ['bind', 'ro', 'rprivate']],
	[',ro,bind-recursive=writable', ['rbind', 'ro', 'rprivate']],
	[',ro,bind-recursive=readonly', ['rbind', 'ro', 'rro', 'rprivate']],
])('binds --mount with %s', (words, options) => {
	const mounts = [parseMount(`type=bind,src=/s,dst=/d${words}`, '/')];
	expect(at(specInput({ mounts }), '/d')[0]?.options).toEqual(options);
});

it('binds the directories of volumes, in a user namespace with its ids', () => {
	const mounts = [parseVolume('/mine', '/'), parseVolume('named:/named:ro', '/')];
	const input = specInput({ mounts }, { image: { ...IMAGE, volumes: ['/data'] } });
	const volumes = {
		'/data': { path: '/v/1', readonly: false },
		'/mine': { path: '/v/2', readonly: true },
		'/named': { path: '/v/3', readonly: false },
	};
	const mountsOf = (rest: Partial<SpecInput>): readonly Mount[] =>
		specMounts({ ...input, volumes, ...rest }).filter(mount => mount.source?.startsWith('/v/'));
	expect(mountsOf({})).toEqual([
		{ destination: '/data', type: 'bind', source: '/v/1', options: ['rbind', 'rprivate'] },
		{ destination: '/mine', type: 'bind', source: '/v/2', options: ['rbind', 'ro', 'rprivate'] },
		{ destination: '/named', type: 'bind', source: '/v/3', options: ['rbind', 'ro', 'rprivate'] },
	]);
	expect(mountsOf({ idRange: { first: 100_000, size: 65_536 } }).map(({ options }) => options)).toEqual([
		['rbind', 'idmap', 'rprivate'],
		['rbind', 'ro', 'idmap', 'rprivate'],
		['rbind', 'ro', 'idmap', 'rprivate'],
	]);
	expect(() => specMounts(input)).toThrow('no directory for the volume at /data');
});

it('makes the files of /etc read-only with the root', () => {
	expect(at(specInput({ readOnly: true }), '/etc/hosts')[0]?.options).toEqual(['rbind', 'ro', 'rprivate']);
});

it.each([
	[[], undefined],
	[['/a:/a'], undefined],
	[['/a:/a:slave'], 'rslave'],
	[['/a:/a:rslave', '/b:/b:rshared'], 'shared'],
])('spreads the root for %j as %s', (texts, propagation) => {
	expect(rootfsPropagation(specInput({ mounts: texts.map(text => parseVolume(text, '/')) }))).toBe(propagation);
});

it('binds with ids of its own', () => {
	const mounts = [parseVolume('/s:/d:idmap=uids=1000-0-1;gids=100-5-2', '/')];
	expect(specMounts(specInput({ mounts })).find(({ destination }) => destination === '/d')).toEqual({
		destination: '/d',
		type: 'bind',
		source: '/s',
		options: ['rbind', 'idmap', 'rprivate'],
		uidMappings: [{ containerID: 1000, hostID: 0, size: 1 }],
		gidMappings: [{ containerID: 100, hostID: 5, size: 2 }],
	});
});

it('puts an overlay above a directory of the host, with a place of its own for each', () => {
	const mounts = [parseVolume('/s:/d', '/'), parseVolume('/s:/e/f:O', '/')];
	expect(specMounts(specInput({ mounts })).find(({ destination }) => destination === '/e/f')).toEqual({
		destination: '/e/f',
		type: 'overlay',
		source: 'overlay',
		options: [
			'lowerdir=/s',
			'upperdir=/var/lib/tsrun/containers/c/overlays/1/upper',
			'workdir=/var/lib/tsrun/containers/c/overlays/1/work',
			'rprivate',
		],
	});
});
