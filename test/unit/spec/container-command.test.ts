import { expect, it } from 'vitest';
import { containerCommand } from '../../../src/spec/container-command.ts';
import { thrownBy } from './expect-bad-flag.ts';

const image = { entrypoint: ['entry', '-x'], cmd: ['cmd', '-y'] };
const none = { entrypoint: [], cmd: [] };

it.each([
	['the image alone', image, undefined, [], ['entry', '-x', 'cmd', '-y']],
	['words for Cmd', image, undefined, ['a', 'b'], ['entry', '-x', 'a', 'b']],
	['another entrypoint, which drops Cmd', image, 'sh', [], ['sh']],
	['another entrypoint with words', image, 'sh', ['-c', 'x'], ['sh', '-c', 'x']],
	['no entrypoint, which drops Cmd', image, '', ['a'], ['a']],
	['Cmd without entrypoint', { ...image, entrypoint: [] }, undefined, [], ['cmd', '-y']],
	['entrypoint without Cmd', { ...image, cmd: [] }, undefined, [], ['entry', '-x']],
	['an image with nothing', none, undefined, ['a'], ['a']],
])('takes %s', (_, from, entrypoint, args, command) => {
	expect(containerCommand({ image: from, entrypoint, args })).toEqual(command);
});

it.each([
	[none, undefined, []],
	[image, '', []],
	[none, undefined, ['']],
])('finds no command in %j, --entrypoint %j, %j', (from, entrypoint, args) => {
	expect(thrownBy(() => containerCommand({ image: from, entrypoint, args }))).toMatchObject({
		code: 'TSRUN_NO_COMMAND',
	});
});
