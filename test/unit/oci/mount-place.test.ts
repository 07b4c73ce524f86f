import { describe, expect, it } from 'vitest';
import { mountPlace, placeProblem } from '../../../src/oci/mount-place.ts';

describe('mountPlace', () => {
	it.each([
		['/data', '/data'],
		['//data/./sub//', '/data/sub'],
		['data', '/data'],
		['./data', '/data'],
		['/a/../../data', '/data'],
		['../../data', '/data'],
		['/', '/'],
		['..', '/'],
	])('makes of the destination %s the path %s from the root', (destination, place) => {
		expect(mountPlace(destination)).toBe(place);
	});

	it.each([
		['/b/rootfs/data', '/data'],
		['/b/rootfs', '/'],
		['/b/rootfs/', '/'],
		['/b/rootfs-2/data', '/b/rootfs-2/data'],
		['/data/b/rootfs', '/data/b/rootfs'],
		['b/rootfs/data', '/data'],
	])('takes the path of the root file system on the host off: %s', (destination, place) => {
		expect(mountPlace(destination, '/b/./rootfs/')).toBe(place);
		expect(mountPlace(destination, '/')).toBe(mountPlace(destination));
	});
});

describe('placeProblem', () => {
	it.each([
		[{ destination: '/', type: 'tmpfs' }, 'would cover the root'],
		[{ destination: '/proc', type: 'tmpfs' }, 'can be covered by proc only'],
		[{ destination: '/proc', type: 'proc', source: '/srv', options: ['bind'] }, undefined],
		[{ destination: '/proc/sys', type: 'proc' }, 'is inside /proc and must not be covered'],
		[{ destination: '/proc/cpuinfo', type: 'bind', source: '/srv/cpuinfo' }, undefined],
		[{ destination: '/data', type: 'tmpfs' }, undefined],
	])('of %j', (mount, problem) => {
		expect(placeProblem(mount)).toBe(problem);
	});
});
