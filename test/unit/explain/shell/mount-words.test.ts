import { describe, expect, it } from 'vitest';
import { attributeOptions, mountCommand } from '../../../../src/explain/shell/mount-words.ts';
import { MOUNT_ATTR, MS } from '../../../../src/plan/linux-constants.ts';

const call = { source: '/s', target: '"$there"', type: '', flags: 0, data: '' };

describe('mountCommand', () => {
	it.each([
		[
			{ type: 'proc', source: 'proc', flags: MS.NOSUID | MS.NODEV },
			'mount --internal-only -t proc -o nosuid,nodev -- proc "$there"',
		],
		[
			{ type: 'tmpfs', flags: MS.STRICTATIME, data: "mode=755,x='" },
			`mount --internal-only -t tmpfs -o 'strictatime,mode=755,x='\\''' -- /s "$there"`,
		],
		[{ type: 'mqueue', source: "''" }, 'mount --internal-only -t mqueue -- none "$there"'],
		[{ flags: MS.BIND }, 'mount --bind -- /s "$there"'],
		[{ flags: MS.BIND | MS.REC }, 'mount --rbind -- /s "$there"'],
		[{ flags: MS.PRIVATE | MS.REC }, 'mount --make-rprivate "$there"'],
		[{ flags: MS.SLAVE }, 'mount --make-slave "$there"'],
		[
			{ flags: MS.BIND | MS.REMOUNT | MS.RDONLY },
			'mount --internal-only --options-mode ignore -o remount,bind,ro "$there"',
		],
	])('%j', (change, expected) => {
		expect(mountCommand({ ...call, ...change })).toBe(expected);
	});
});

describe('attributeOptions', () => {
	it('sets and clears by name', () => {
		expect(attributeOptions(MOUNT_ATTR.RDONLY, MOUNT_ATTR.NOSUID | MOUNT_ATTR.NODEV)).toEqual(['ro', 'suid', 'dev']);
		expect(attributeOptions(MOUNT_ATTR.NOATIME, MOUNT_ATTR.ATIME)).toEqual(['noatime']);
		expect(attributeOptions(0, MOUNT_ATTR.ATIME)).toEqual(['relatime']);
		expect(attributeOptions(0, 0)).toEqual([]);
	});
});
