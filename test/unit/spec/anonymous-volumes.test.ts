import { expect, it } from 'vitest';
import { anonymousVolumes } from '../../../src/spec/anonymous-volumes.ts';
import { DEFAULT_RUN_OPTIONS, type MountRequest } from '../../../src/spec/run-options.ts';
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
	expect(anonymousVolumes({ volumes }, { ...DEFAULT_RUN_OPTIONS, mounts })).toEqual(expected);
});

it.each(['/', '', '..', '//.'])('refuses the image volume %j', path => {
	expect(thrownBy(() => anonymousVolumes({ volumes: [path] }, DEFAULT_RUN_OPTIONS))).toMatchObject({
		code: 'TSRUN_BAD_IMAGE',
	});
});
