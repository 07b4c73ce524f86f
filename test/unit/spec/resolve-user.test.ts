import { expect, it } from 'vitest';
import { TsrunError } from '../../../src/core/errors.ts';
import { resolveUser } from '../../../src/spec/resolve-user.ts';
import { thrownBy } from './expect-bad-flag.ts';

const passwd = [
	'root:x:0:0:root:/root:/bin/sh',
	'1000:x:0:0:trap:/root:/bin/sh',
	'app:x:33:34:app:/srv/app:/bin/sh',
	'app:x:0:0:second:/root:/bin/sh',
	'nohome:x:70:71:::',
	'broken:x:what:0::/:',
].join('\n');
const group = ['root:x:0:root', 'app:x:34:', 'audio:x:29:app,root', 'video:x:44:app', 'dup:x:29:app'].join('\n');
const query = { groupAdd: [], passwd, group };

it.each([
	['', { uid: 0, gid: 0, additionalGids: [0, 29], home: '/root', name: 'root' }],
	['root', { uid: 0, gid: 0, additionalGids: [0, 29], home: '/root', name: 'root' }],
	['app', { uid: 33, gid: 34, additionalGids: [34, 29, 44], home: '/srv/app', name: 'app' }],
	['33', { uid: 33, gid: 34, additionalGids: [34, 29, 44], home: '/srv/app', name: 'app' }],
	['app:video', { uid: 33, gid: 44, additionalGids: [44], home: '/srv/app', name: 'app' }],
	['app:99', { uid: 33, gid: 99, additionalGids: [99], home: '/srv/app', name: 'app' }],
	['5000', { uid: 5000, gid: 0, additionalGids: [0], home: '/', name: '' }],
	['5000:6000', { uid: 5000, gid: 6000, additionalGids: [6000], home: '/', name: '' }],
	['nohome', { uid: 70, gid: 71, additionalGids: [71], home: '/', name: 'nohome' }],
])('finds user %j', (user, resolved) => {
	expect(resolveUser({ ...query, user })).toEqual(resolved);
});

it('takes digits for a uid although a name of these digits exists (CVE-2016-3697)', () => {
	expect(resolveUser({ ...query, user: '1000' })).toMatchObject({ uid: 1000, gid: 0, name: '' });
});

it('adds the groups of --group-add, by name and id, each once', () => {
	expect(resolveUser({ ...query, user: 'app', groupAdd: ['video', '7', 'audio'] }).additionalGids).toEqual([
		34, 29, 44, 7,
	]);
});

it('needs no account files for ids', () => {
	expect(resolveUser({ user: '5:6', groupAdd: ['7'], passwd: undefined, group: undefined })).toEqual({
		uid: 5,
		gid: 6,
		additionalGids: [6, 7],
		home: '/',
		name: '',
	});
});

it.each([
	['nobody', [], 'user "nobody"'],
	['broken', [], 'user "broken"'],
	['app:nogroup', [], 'group "nogroup"'],
	['app', ['nogroup'], 'group "nogroup"'],
])('says which name it did not find: %s %j', (user, groupAdd, named) => {
	const error = thrownBy(() => resolveUser({ ...query, user, groupAdd })) as TsrunError;
	expect(error).toBeInstanceOf(TsrunError);
	expect(error.code).toBe('TSRUN_UNKNOWN_USER');
	expect(error.message).toContain(`unable to find ${named}: no matching entry in the image's`);
});

it.each(['-1', '4294967296', '0x1', ''])('refuses --group-add %j', text => {
	expect((thrownBy(() => resolveUser({ ...query, user: '', groupAdd: [text] })) as TsrunError).code).toBe(
		'TSRUN_BAD_USER',
	);
});

it('refuses a user in more groups than the kernel takes', () => {
	const many = Array.from({ length: 65_540 }, (_, index) => `g${index}:x:${index + 100}:app`).join('\n');
	expect((thrownBy(() => resolveUser({ ...query, user: 'app', group: many })) as TsrunError).message).toContain(
		'65536',
	);
});
