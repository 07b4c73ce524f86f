import { expect, it } from 'vitest';
import { validateSpec } from '../../../../src/spec/validate-spec.ts';
import { configWith, expectBadConfig } from './config-fixture.ts';

const tmpfs = (destination: string) => ({ destination, type: 'tmpfs', source: 'tmpfs' });
const bind = (destination: string, source?: string) => ({
	destination,
	type: 'bind',
	...(source === undefined ? {} : { source }),
});

it.each([
	[tmpfs('.'), '/mounts/0/destination'],
	[tmpfs(''), '/mounts/0/destination'],
	[tmpfs('/'), '/mounts/0/destination'],
	[tmpfs('//./'), '/mounts/0/destination'],
	[tmpfs('/a/../..'), '/mounts/0/destination'],
	[tmpfs(`/${'x'.repeat(4096)}`), '/mounts/0/destination'],
	[{ destination: '/a' }, '/mounts/0/type'],
	[{ destination: '/a', type: '' }, '/mounts/0/type'],
	[bind('/a'), '/mounts/0/source'],
	[{ destination: '/a', options: ['rbind'] }, '/mounts/0/source'],
])('refuses the mount %j', (mount, place) => {
	expectBadConfig(configWith('/mounts', [mount]), place);
});

it.each([
	tmpfs('/proc'),
	tmpfs('/proc/'),
	tmpfs('//proc'),
	bind('/proc', '/srv'),
	bind('/proc', '/proc/self'),
	tmpfs('/proc/self/attr'),
	bind('/proc/sys', '/srv'),
	bind('/proc/self/fd/7', '/srv'),
	tmpfs('proc'),
	tmpfs('/x/../proc'),
	tmpfs('../proc/sys'),
])('covers /proc with nothing else, so that what is written there arrives (CVE-2019-16884): %j', mount => {
	expectBadConfig(configWith('/mounts', [mount]), '/mounts/0/destination');
});

it.each([
	{ destination: '/proc', type: 'proc', source: 'proc' },
	bind('/proc', '/proc'),
	bind('/proc/cpuinfo', '/var/lib/lxcfs/proc/cpuinfo'),
	bind('/processes', '/srv'),
	{ destination: '/a', source: '/srv', options: ['rbind', 'ro'] },
	tmpfs('/a'),
	tmpfs('run/lock'),
	tmpfs('/a/../../b'),
	bind('/proc', '//proc/'),
])('takes the mount %j', mount => {
	expect(() => validateSpec(configWith('/mounts', [mount]))).not.toThrow();
});

it.each(['maskedPaths', 'readonlyPaths'])('hides only absolute paths in %s', field => {
	expect(() => validateSpec(configWith(`/linux/${field}`, ['/proc/kcore']))).not.toThrow();
	for (const path of ['', 'proc', '/a/../b'])
		expectBadConfig(configWith(`/linux/${field}`, ['/a', path]), `/linux/${field}/1`);
});

it('knows the words for propagation', () => {
	for (const word of ['', 'shared', 'rslave', 'private', 'unbindable']) {
		expect(() => validateSpec(configWith('/linux/rootfsPropagation', word))).not.toThrow();
	}
	expectBadConfig(configWith('/linux/rootfsPropagation', 'all'), '/linux/rootfsPropagation');
});

it('refuses an empty root', () => {
	expectBadConfig(configWith('/root/path', ''), '/root/path');
});

const MAP = [{ containerID: 0, hostID: 1000, size: 10 }];
const OVERLAPPING = [...MAP, { containerID: 5, hostID: 9000, size: 1 }];

it.each([
	[{ ...bind('/a', '/srv'), uidMappings: MAP }, '/mounts/0/gidMappings'],
	[{ ...bind('/a', '/srv'), gidMappings: MAP, uidMappings: [] }, '/mounts/0/uidMappings'],
	[{ ...bind('/a', '/srv'), options: ['idmap'] }, '/mounts/0/options'],
	[{ ...bind('/a', '/srv'), uidMappings: MAP, gidMappings: OVERLAPPING }, '/mounts/0/gidMappings/0'],
	[{ ...tmpfs('/a'), uidMappings: MAP, gidMappings: MAP }, '/mounts/0'],
	[{ ...tmpfs('/a'), options: ['ridmap'] }, '/mounts/0'],
	[
		{ ...bind('/a', '/srv'), uidMappings: [{ containerID: 0, hostID: 0, size: 0 }], gidMappings: MAP },
		'/mounts/0/uidMappings/0/size',
	],
])('refuses to map the ids of %j', (mount, place) => {
	expectBadConfig(configWith('/mounts', [mount]), place);
});

it('takes mapped ids of a bind mount, its own or those of the user namespace', () => {
	const own = { ...bind('/a', '/srv'), uidMappings: MAP, gidMappings: MAP };
	expect(validateSpec(configWith('/mounts', [own])).mounts).toEqual([own]);
	const implied = { ...bind('/a', '/srv'), options: ['idmap'] };
	const namespaces = [{ type: 'mount' }, { type: 'user', path: '/proc/1/ns/user' }];
	const config = { ...(configWith('/linux/namespaces', namespaces) as object), mounts: [implied] };
	expect(validateSpec(config).mounts).toEqual([implied]);
});
