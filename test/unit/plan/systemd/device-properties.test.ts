import { describe, expect, it } from 'vitest';
import type { DeviceRule } from '../../../../src/oci/runtime-spec.ts';
import { deviceProperties } from '../../../../src/plan/systemd/device-properties.ts';

const DENY: DeviceRule = { allow: false, access: 'rwm' };
const policy = (rules: readonly DeviceRule[] | undefined, version = 252): unknown =>
	deviceProperties(rules, version).map(([, { value }]) => value);

describe('deviceProperties', () => {
	it('lists the devices that every container has, after what was there is taken back', () => {
		expect(policy(undefined)).toEqual([
			'strict',
			[],
			[
				['char-*', 'm'],
				['block-*', 'm'],
				...['1:3', '1:5', '1:7', '1:8', '1:9', '5:0', '5:2'].map(numbers => [`/dev/char/${numbers}`, 'rwm']),
				['char-136', 'rwm'],
				['/dev/char/10:200', 'rwm'],
			],
		]);
	});

	it('adds those of the configuration', () => {
		const rules: readonly DeviceRule[] = [
			DENY,
			{ allow: true, type: 'b', major: 8, minor: 0, access: 'r' },
			{ allow: true, type: 'b', major: 8, access: 'rw' },
			{ allow: true, type: 'b', major: 8, minor: 0, access: 'w' },
		];
		expect(policy(rules)).toEqual([
			'strict',
			[],
			expect.arrayContaining([
				['/dev/block/8:0', 'rw'],
				['block-8', 'rw'],
			]),
		]);
	});

	it.each<[string, readonly DeviceRule[], number]>([
		['every device', [{ allow: true, access: 'rwm' }], 252],
		[
			'exceptions from what is allowed',
			[DENY, { allow: true, type: 'c', access: 'rwm' }, { allow: false, type: 'c', major: 1, minor: 3 }],
			252,
		],
		['a minor number of any major', [DENY, { allow: true, type: 'c', minor: 3, access: 'r' }], 252],
		['a systemd that looks at files', [DENY], 239],
	])('leaves to the container’s own rules: %s', (_, rules, version) => {
		expect(policy(rules, version)).toEqual(['auto', []]);
	});
});
