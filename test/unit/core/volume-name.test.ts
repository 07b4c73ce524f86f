import { expect, it } from 'vitest';
import { isVolumeName, parseVolumeName } from '../../../src/core/volume-name.ts';

it.each(['db', 'a.b', 'A_1-x', '00', 'x'.repeat(255), 'a..'])('takes %s', name => {
	expect([isVolumeName(name), parseVolumeName(name)]).toEqual([true, name]);
});

it.each([
	['', '"" is too short: the name of a volume has at least two characters'],
	['a', '"a" is too short: the name of a volume has at least two characters'],
	['x'.repeat(256), `"${'x'.repeat(80)}" is longer than 255 characters`],
	...['..', '.a', '-a', '_a', 'a/b', 'a b', 'a\n', 'ä1', '../etc', 'a\0'].map(name => [
		name,
		`${JSON.stringify(name)} is no name of a volume: those have letters, digits, "_", "." and "-", and begin with a letter or a digit`,
	]),
])('refuses %j', (name = '', message = '') => {
	expect(isVolumeName(name)).toBe(false);
	expect(() => parseVolumeName(name)).toThrow(expect.objectContaining({ code: 'TSRUN_BAD_VOLUME_NAME', message }));
});
