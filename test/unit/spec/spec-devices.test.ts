import { expect, it } from 'vitest';
import { parseDevice } from '../../../src/spec/parse-device.ts';
import { specDevices } from '../../../src/spec/spec-devices.ts';
import { expectBadFlag } from './expect-bad-flag.ts';
import { specInput } from './spec-input-fixture.ts';

const plain = specDevices(specInput());

it('denies everything first and then allows by number', () => {
	expect(plain.devices).toEqual([]);
	expect(plain.rules[0]).toEqual({ allow: false, access: 'rwm' });
	expect(plain.rules.slice(1).every(rule => rule.allow)).toBe(true);
	expect(plain.rules.filter(rule => rule.major === undefined).map(rule => rule.access)).toEqual(['rwm', 'm', 'm']);
});

it('adds a node and a rule for --device', () => {
	const { devices, rules } = specDevices(specInput({ devices: [parseDevice('/dev/fuse:/dev/x:rw')] }));
	expect(devices).toEqual([{ type: 'c', path: '/dev/x', major: 10, minor: 229, fileMode: 0o666, uid: 0, gid: 0 }]);
	expect(rules).toEqual([...plain.rules, { allow: true, type: 'c', major: 10, minor: 229, access: 'rw' }]);
});

it('adds all nodes below a directory', () => {
	const { devices, rules } = specDevices(specInput({ devices: [parseDevice('/dev/snd:/dev/sound')] }));
	expect(devices.map(device => device.path)).toEqual(['/dev/sound/pcm', '/dev/sound/seq']);
	expect(rules).toHaveLength(plain.rules.length + 2);
});

it('refuses what is no device of the host', () => {
	expectBadFlag(() => specDevices(specInput({ devices: [parseDevice('/dev/nothing')] })), '--device', '/dev/nothing');
	expectBadFlag(() => specDevices(specInput({ devices: [parseDevice('/dev/sn')] })), '--device', '/dev/sn');
});

it('gives a privileged container all devices but those each container has of its own', () => {
	const { devices, rules } = specDevices(
		specInput({ privileged: true, devices: [parseDevice('/dev/sda:/dev/xvda:r')] }),
	);
	expect(devices.map(device => device.path)).toEqual([
		'/dev/fuse',
		'/dev/sda',
		'/dev/snd/pcm',
		'/dev/snd/seq',
		'/dev/xvda',
	]);
	expect(rules).toEqual([{ allow: true, access: 'rwm' }]);
});
