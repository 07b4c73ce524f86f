import { closeSync, openSync } from 'node:fs';
import { expect, it } from 'vitest';
import { isNullDevice } from '../../../src/host/is-null-device.ts';

it.each([
	['/dev/null', true],
	['/dev/zero', false],
	['/proc/self/status', false],
])('isNullDevice: %s is %s', (path, expected) => {
	const fd = openSync(path, 'r');
	try {
		expect(isNullDevice(fd)).toBe(expected);
	} finally {
		closeSync(fd);
	}
});

it('isNullDevice: a closed descriptor is none', () => {
	expect(isNullDevice(99_999)).toBe(false);
});
