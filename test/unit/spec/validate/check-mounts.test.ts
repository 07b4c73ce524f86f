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
	[tmpfs('run'), '/mounts/0/destination'],
	[tmpfs(''), '/mounts/0/destination'],
	[tmpfs('/'), '/mounts/0/destination'],
	[tmpfs('//./'), '/mounts/0/destination'],
	[tmpfs('/a/../../b'), '/mounts/0/destination'],
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
