import { expect, it } from 'vitest';
import { groupEntries, passwdEntries } from '../../../src/spec/account-files.ts';

it('reads passwd entries in order and skips what is none', () => {
	const text = 'root:x:0:0:root:/root:/bin/sh\n\n# c:x:1:1::/:\n  app:x:10:20:An App:/srv:/bin/sh\r\nshort:x:5:6';
	expect([...passwdEntries(text)]).toEqual([
		{ name: 'root', uid: 0, gid: 0, home: '/root' },
		{ name: 'app', uid: 10, gid: 20, home: '/srv' },
		{ name: 'short', uid: 5, gid: 6, home: '' },
	]);
});

it.each([
	'a:x::0::/:',
	'a:x:b:0::/:',
	'a:x:-1:0::/:',
	'a:x:1e3:0::/:',
	'a:x:0x0:0::/:',
	'a:x:4294967296:0::/:',
	'a:x:0',
	':x:0:0::/:',
	'+::::::',
])('never reads a uid out of %j', line => {
	expect([...passwdEntries(line)]).toEqual([]);
});

it('reads group entries and their members', () => {
	expect([...groupEntries('root:x:0:\nstaff:x:50:app,root\nbad:x:q:app\nthin:x:7')]).toEqual([
		{ name: 'root', gid: 0, members: [] },
		{ name: 'staff', gid: 50, members: ['app', 'root'] },
		{ name: 'thin', gid: 7, members: [] },
	]);
});

it('skips an endless line and reads on', () => {
	expect([...passwdEntries(`trap:x:0:0::/:${'x'.repeat(3_000_000)}\napp:x:1:1::/:`)].map(entry => entry.name)).toEqual([
		'app',
	]);
});
