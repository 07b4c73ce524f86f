import { expect, it } from 'vitest';
import { decideStoreRoot } from '../../../src/store/store-root.ts';

it.each([
	['root', { env: { HOME: '/root' }, uid: 0 }, '/var/lib/tsrun'],
	['another user', { env: { HOME: '/home/u' }, uid: 1000 }, '/home/u/.local/share/tsrun'],
	['XDG_DATA_HOME', { env: { HOME: '/home/u', XDG_DATA_HOME: '/data' }, uid: 1000 }, '/data/tsrun'],
	[
		'a relative XDG_DATA_HOME, which is ignored',
		{ env: { HOME: '/home/u', XDG_DATA_HOME: 'data' }, uid: 1000 },
		'/home/u/.local/share/tsrun',
	],
	['TSRUN_ROOT', { env: { TSRUN_ROOT: '/env', XDG_DATA_HOME: '/data' }, uid: 0 }, '/env'],
	['the flag', { flag: '/flag', env: { TSRUN_ROOT: '/env' }, uid: 0 }, '/flag'],
	['an empty TSRUN_ROOT, which is ignored', { env: { TSRUN_ROOT: '' }, uid: 0 }, '/var/lib/tsrun'],
])('the store of %s', (_, inputs, expected) => {
	expect(decideStoreRoot(inputs)).toBe(expected);
});
