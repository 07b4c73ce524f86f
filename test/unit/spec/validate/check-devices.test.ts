import { expect, it } from 'vitest';
import { validateSpec } from '../../../../src/spec/validate-spec.ts';
import { configWith, expectBadConfig } from './config-fixture.ts';

const fuse = { type: 'c', path: '/dev/fuse', major: 10, minor: 229 };

it.each([
	fuse,
	{ ...fuse, type: 'b', fileMode: 0o660, uid: 0, gid: 6 },
	{ type: 'p', path: '/dev/pipe' },
	{ ...fuse, fileMode: 0o20666 },
])('takes the device %j', device => {
	expect(() => validateSpec(configWith('/linux/devices', [device]))).not.toThrow();
});

it.each([
	[{ ...fuse, type: 'x' }, 'type'],
	[{ ...fuse, path: 'dev/fuse' }, 'path'],
	[{ ...fuse, path: '/dev/../etc/x' }, 'path'],
	[{ ...fuse, major: undefined }, 'major'],
	[{ ...fuse, minor: undefined }, 'minor'],
	[{ ...fuse, major: -1 }, 'major'],
	[{ ...fuse, major: 4096 }, 'major'],
	[{ ...fuse, minor: 1_048_576 }, 'minor'],
	[{ ...fuse, fileMode: -1 }, 'fileMode'],
	[{ ...fuse, fileMode: 0o1000000 }, 'fileMode'],
	[{ ...fuse, uid: 4_294_967_295 }, 'uid'],
])('refuses the device %j', (device, field) => {
	expectBadConfig(configWith('/linux/devices', [device]), `/linux/devices/0/${field}`);
});

it.each([
	[{ allow: true }, undefined],
	[{ allow: false, access: '' }, undefined],
	[{ allow: true, type: 'a', major: -1, minor: -1, access: 'rwm' }, undefined],
	[{ allow: true, type: 'p' }, 'type'],
	[{ type: 'c' }, 'allow'],
	[{ allow: false, access: 'rwa' }, undefined],
	[{ allow: true, access: 'a' }, 'access'],
	[{ allow: true, access: 'rwx' }, 'access'],
	[{ allow: true, access: 'rwmr' }, 'access'],
	[{ allow: true, major: -2 }, 'major'],
	[{ allow: true, minor: 1_048_576 }, 'minor'],
])('judges the rule %j: %s', (rule, field) => {
	const config = configWith('/linux/resources/devices', [rule]);
	if (field === undefined) expect(() => validateSpec(config)).not.toThrow();
	else expectBadConfig(config, `/linux/resources/devices/0/${field}`);
});
