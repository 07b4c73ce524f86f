import { describe, expect, it } from 'vitest';
import { idInside, xattrInside } from '../../../src/rootfs/mapped-ids.ts';

const uids = [
	{ containerID: 0, hostID: 100_000, size: 1000 },
	{ containerID: 5000, hostID: 300_000, size: 10 },
];
const gids = [{ containerID: 0, hostID: 200_000, size: 1000 }];
const maps = { uids, gids };

it.each([
	[100_000, 0],
	[100_999, 999],
	[101_000, 65_534],
	[300_009, 5009],
	[0, 65_534],
])('the id %i of the host is %i inside', (host, inside) => {
	expect(idInside(uids, host)).toBe(inside);
});

describe('an extended attribute inside', () => {
	const hex = (name: string, value: string): string =>
		Buffer.from(xattrInside(maps, name, Buffer.from(value, 'hex'))).toString('hex');

	it.each([
		[
			'of root of the namespace is one of root',
			'0100000381000000000000000000000000000000a0860100',
			'0100000281000000000000000000000000000000',
		],
		[
			'of another user there stays one',
			'01000003810000000000000000000000000000000a870100',
			'01000003810000000000000000000000000000006a000000',
		],
		[
			'of root of the host has no place',
			'010000038100000000000000000000000000000000000000',
			'0100000381000000000000000000000000000000feff0000',
		],
		[
			'of the second revision has no id',
			'0100000281000000000000000000000000000000',
			'0100000281000000000000000000000000000000',
		],
		['that is cut off is left alone', '01000003', '01000003'],
	])('a capability %s', (_, host, inside) => {
		expect(hex('security.capability', host)).toBe(inside);
	});

	it('an access control list names users and groups inside, and nobody else', () => {
		const entry = (tag: number, id: number): string => {
			const bytes = Buffer.alloc(8);
			bytes.writeUInt16LE(tag, 0);
			bytes.writeUInt16LE(7, 2);
			bytes.writeUInt32LE(id, 4);
			return bytes.toString('hex');
		};
		const list = (user: number, group: number): string =>
			`02000000${entry(1, 0xffffffff)}${entry(2, user)}${entry(4, 0xffffffff)}${entry(8, group)}${entry(0x10, 0xffffffff)}`;
		expect(hex('system.posix_acl_access', list(100_007, 200_008))).toBe(list(7, 8));
		expect(hex('system.posix_acl_default', list(100_007, 5))).toBe(list(7, 65_534));
	});

	it('any other is what it is', () => {
		expect(hex('user.note', 'a0860100')).toBe('a0860100');
	});
});
