import { expect, it } from 'vitest';
import { parseVolumeName } from '../../../src/core/volume-name.ts';
import { containerVolumes } from '../../../src/spec/container-volumes.ts';
import type { MountRequest } from '../../../src/spec/run-options.ts';
import { thrownBy } from './expect-bad-flag.ts';

const volume = (destination: string): MountRequest => ({ kind: 'volume', destination });
const tmpfs = (destination: string): MountRequest => ({ kind: 'tmpfs', destination, options: [] });

it.each<[readonly string[], readonly MountRequest[], readonly string[]]>([
	[[], [], []],
	[['/data'], [], ['/data']],
	[['/data/', '//data', 'rel', '/../up'], [], ['/data', '/rel', '/up']],
	[['/data'], [tmpfs('/data')], []],
	[['/data'], [volume('/data')], ['/data']],
	[['/data'], [volume('/other'), tmpfs('/x')], ['/data', '/other']],
])('of image %j and flags %j are %j', (volumes, mounts, expected) => {
	expect(containerVolumes({ volumes }, { mounts }).map(({ destination }) => destination)).toEqual(expected);
});

it.each(['/', '', '..', '//.'])('refuses the image volume %j', path => {
	expect(thrownBy(() => containerVolumes({ volumes: [path] }, { mounts: [] }))).toMatchObject({
		code: 'TSRUN_BAD_IMAGE',
	});
});

it('has the name and the flags of a named one, in place of the one of the image', () => {
	const named: MountRequest = { kind: 'volume', destination: '/data', name: parseVolumeName('db'), nocopy: true };
	expect(containerVolumes({ volumes: ['/data', '/log'] }, { mounts: [named] })).toEqual([volume('/log'), named]);
});
