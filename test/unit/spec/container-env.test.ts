import { expect, it } from 'vitest';
import { containerEnv, DEFAULT_PATH } from '../../../src/spec/container-env.ts';
import { expectBadFlag } from './expect-bad-flag.ts';

const base = { hostname: 'web', tty: false, home: '/root', image: [], options: [] };
const plain = [`PATH=${DEFAULT_PATH}`, 'HOSTNAME=web', 'HOME=/root'];

it.each([
	['nothing', {}, plain],
	['a terminal', { tty: true }, [`PATH=${DEFAULT_PATH}`, 'HOSTNAME=web', 'TERM=xterm', 'HOME=/root']],
	["the image's PATH", { image: ['PATH=/bin'] }, ['PATH=/bin', 'HOSTNAME=web', 'HOME=/root']],
	[
		"the flags before the image's",
		{ image: ['A=i', 'B=i'], options: ['C=f', 'A=f'] },
		[...plain.slice(0, 2), 'C=f', 'A=f', 'B=i', 'HOME=/root'],
	],
	['the last of two', { options: ['A=1', 'A=2'] }, [...plain.slice(0, 2), 'A=2', 'HOME=/root']],
	['a variable taken away', { image: ['A=1'], options: ['A'] }, plain],
	['a default taken away', { options: ['HOSTNAME'] }, [`PATH=${DEFAULT_PATH}`, 'HOME=/root']],
	['a home of its own', { image: ['HOME=/srv'] }, [...plain.slice(0, 2), 'HOME=/srv']],
	['values with equals signs', { options: ['A=b=c='] }, [...plain.slice(0, 2), 'A=b=c=', 'HOME=/root']],
	['names of object properties', { options: ['__proto__=x'] }, [...plain.slice(0, 2), '__proto__=x', 'HOME=/root']],
])('has %s', (_, part, env) => {
	expect(containerEnv({ ...base, ...part })).toEqual(env);
});

it('refuses a variable without a name', () => {
	expectBadFlag(() => containerEnv({ ...base, image: ['=x'] }), '--env', '=x');
});
