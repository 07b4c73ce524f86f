import { expect, it } from 'vitest';
import { addVolumeOption, boundVolume, type VolumeOptions } from '../../../src/spec/volume-options.ts';
import { expectBadFlag } from './expect-bad-flag.ts';

it.each<[VolumeOptions, ReturnType<typeof boundVolume>]>([
	[{}, undefined],
	[{ type: 'none' }, undefined],
	[
		{ type: 'none', o: 'bind', device: '/srv/' },
		{ device: '/srv', options: [] },
	],
	[
		{ o: 'rbind,rw', device: '/srv/../a' },
		{ device: '/a', options: [] },
	],
	[
		{ type: 'none', o: 'ro,bind', device: '/srv' },
		{ device: '/srv', options: ['ro'] },
	],
])('reads %j', (options, bound) => {
	expect(boundVolume('--opt', options)).toEqual(bound);
});

it.each<[VolumeOptions, string]>([
	[{ type: 'tmpfs', device: 'tmpfs' }, 'type=tmpfs'],
	[{ type: 'nfs', o: 'addr=10.0.0.1', device: ':/x' }, 'type=nfs'],
	[{ device: '/srv' }, 'type=none'],
	[{ o: 'bind' }, 'device='],
	[{ o: 'bind', device: 'srv' }, 'device=srv'],
	[{ o: 'bind,sync', device: '/srv' }, 'o=bind,sync'],
])('refuses %j at %s', (options, value) => {
	expectBadFlag(() => boundVolume('--opt', options), '--opt', value);
});

it.each(['size=1', 'constructor=1', ''])('knows no option %j', text => {
	expectBadFlag(() => addVolumeOption('--opt', text), '--opt', text);
});

it('takes each option once, and one without a value as empty', () => {
	expect(addVolumeOption('--opt', 'o=a=b', { type: 'none' })).toEqual({ type: 'none', o: 'a=b' });
	expect(addVolumeOption('--opt', 'device')).toEqual({ device: '' });
	expectBadFlag(() => addVolumeOption('--opt', 'o=b', { o: 'a' }), '--opt', 'o=b');
});
