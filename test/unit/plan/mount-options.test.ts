import { describe, expect, it } from 'vitest';
import { MOUNT_ATTR, MS } from '../../../src/plan/linux-constants.ts';
import { knownMountOptions, parseMountOptions, propagationFlag } from '../../../src/plan/mount-options.ts';

describe('parseMountOptions', () => {
	it.each([
		['nothing', [], 0],
		['defaults', ['defaults'], 0],
		['ro', ['ro'], MS.RDONLY],
		['what a later option takes back', ['ro', 'nosuid', 'nodev', 'noexec', 'rw', 'suid', 'dev', 'exec'], 0],
		['the later of two that contradict', ['rw', 'ro'], MS.RDONLY],
		['a recursive bind', ['rbind'], MS.BIND | MS.REC],
		['the times', ['noatime', 'nodiratime', 'strictatime'], MS.NOATIME | MS.NODIRATIME | MS.STRICTATIME],
		['no symbolic links', ['nosymfollow'], MS.NOSYMFOLLOW],
	])('gives the flags of mount(2): %s', (_, options, flags) => {
		expect(parseMountOptions(options).flags).toBe(flags);
	});

	it.each([
		['private', MS.PRIVATE],
		['rprivate', MS.PRIVATE | MS.REC],
		['shared', MS.SHARED],
		['rshared', MS.SHARED | MS.REC],
		['slave', MS.SLAVE],
		['rslave', MS.SLAVE | MS.REC],
		['unbindable', MS.UNBINDABLE],
		['runbindable', MS.UNBINDABLE | MS.REC],
	])('keeps the propagation %s apart, which mount(2) takes alone', (option, flag) => {
		expect(parseMountOptions(['ro', option])).toMatchObject({ flags: MS.RDONLY, propagation: [flag], data: '' });
		expect(propagationFlag(option)).toBe(flag);
	});

	it('knows no propagation of another name, nor one that every object has', () => {
		expect(propagationFlag('public')).toBeUndefined();
		expect(propagationFlag('constructor')).toBeUndefined();
		expect(parseMountOptions(['constructor', 'toString'])).toMatchObject({
			flags: 0,
			propagation: [],
			data: 'constructor,toString',
		});
	});

	it('leaves to the file system what is no flag, in the order given', () => {
		expect(parseMountOptions(['mode=755', 'nosuid', 'size=64k', 'newinstance'])).toMatchObject({
			flags: MS.NOSUID,
			data: 'mode=755,size=64k,newinstance',
		});
	});

	it.each([
		[['rro'], MOUNT_ATTR.RDONLY, 0],
		[['rrw'], 0, MOUNT_ATTR.RDONLY],
		[['rro', 'rrw'], 0, MOUNT_ATTR.RDONLY],
		[['rrw', 'rro'], MOUNT_ATTR.RDONLY, 0],
		[['rnosuid', 'rnodev', 'rnoexec'], MOUNT_ATTR.NOSUID | MOUNT_ATTR.NODEV | MOUNT_ATTR.NOEXEC, 0],
		[['rnosymfollow'], MOUNT_ATTR.NOSYMFOLLOW, 0],
		[['rsuid', 'rdev', 'rexec'], 0, MOUNT_ATTR.NOSUID | MOUNT_ATTR.NODEV | MOUNT_ATTR.NOEXEC],
		[['rnodiratime'], MOUNT_ATTR.NODIRATIME, 0],
		[['rdiratime', 'rsymfollow'], 0, MOUNT_ATTR.NODIRATIME | MOUNT_ATTR.NOSYMFOLLOW],
	])('gives the attributes of mount_setattr(2) for %j', (options, set, clear) => {
		expect(parseMountOptions(options).recursive).toEqual({ set, clear });
	});

	it.each([
		['rnoatime', MOUNT_ATTR.NOATIME],
		['rrelatime', MOUNT_ATTR.RELATIME],
		['rstrictatime', MOUNT_ATTR.STRICTATIME],
		['ratime', MOUNT_ATTR.RELATIME],
		['rnorelatime', MOUNT_ATTR.RELATIME],
		['rnostrictatime', MOUNT_ATTR.RELATIME],
	])(
		'sets one of the atime values with %s and clears the field, without which the kernel says EINVAL',
		(option, value) => {
			const { set, clear } = parseMountOptions([option]).recursive;
			expect(set & MOUNT_ATTR.ATIME).toBe(value);
			expect(clear & MOUNT_ATTR.ATIME).toBe(MOUNT_ATTR.ATIME);
		},
	);

	it('never sets an attribute and clears it too, but for the field of atime', () => {
		const all = [
			'rro',
			'rnosuid',
			'rnodev',
			'rnoexec',
			'rnodiratime',
			'rnosymfollow',
			'rrw',
			'rsuid',
			'rdev',
			'rexec',
			'rro',
		];
		const { set, clear } = parseMountOptions(all).recursive;
		expect(set & clear & ~MOUNT_ATTR.ATIME).toBe(0);
		expect(set & MOUNT_ATTR.RDONLY).toBe(MOUNT_ATTR.RDONLY);
	});

	it('says whether a bind mount needs a second call for its flags', () => {
		const needs = (...options: readonly string[]): boolean => parseMountOptions(options).changesFlags;
		expect([needs('bind'), needs('rbind', 'rprivate'), needs('rbind', 'rro')]).toEqual([false, false, false]);
		expect([needs('rbind', 'ro'), needs('rbind', 'rw'), needs('bind', 'nosuid')]).toEqual([true, true, true]);
	});

	it.each([
		['a later option takes it back', ['ro', 'dev', 'rw'], 0, 0],
		['no access time is named', ['ro'], MOUNT_ATTR.RDONLY, 0],
		['clearing one counts as naming none', ['ro', 'atime', 'diratime', 'nostrictatime'], MOUNT_ATTR.RDONLY, 0],
		['noatime', ['noatime'], MOUNT_ATTR.NOATIME, MOUNT_ATTR.ATIME | MOUNT_ATTR.NODIRATIME],
		['relatime', ['relatime'], MOUNT_ATTR.RELATIME, MOUNT_ATTR.ATIME | MOUNT_ATTR.NODIRATIME],
		[
			'strictatime over the others',
			['noatime', 'strictatime'],
			MOUNT_ATTR.STRICTATIME,
			MOUNT_ATTR.ATIME | MOUNT_ATTR.NODIRATIME,
		],
		['nodiratime means relatime', ['nodiratime'], MOUNT_ATTR.NODIRATIME, MOUNT_ATTR.ATIME],
	])('gives the attributes of a bind mount as mount(2) would: %s', (_, options, set, times) => {
		const { attributes } = parseMountOptions(options);
		const flags = MOUNT_ATTR.RDONLY | MOUNT_ATTR.NOSUID | MOUNT_ATTR.NODEV | MOUNT_ATTR.NOEXEC | MOUNT_ATTR.NOSYMFOLLOW;
		expect(attributes).toEqual({ set, clear: (flags & ~set) | times });
	});

	it('clears of the lockable flags only those that are named where it may not clear others', () => {
		expect(parseMountOptions(['ro', 'dev', 'suid']).unlocked).toEqual({
			set: MOUNT_ATTR.RDONLY,
			clear: MOUNT_ATTR.NODEV | MOUNT_ATTR.NOSUID | MOUNT_ATTR.NOSYMFOLLOW,
		});
	});

	it('keeps the options of runtimes from the file system', () => {
		expect(parseMountOptions(['tmpcopyup', 'size=1m', 'idmap', 'ridmap', 'copy-symlink'])).toMatchObject({
			extensions: ['tmpcopyup', 'idmap', 'ridmap', 'copy-symlink'],
			data: 'size=1m',
		});
	});
});

describe('knownMountOptions', () => {
	it('lists what runc lists among its features, sorted', () => {
		const names = knownMountOptions();
		expect(names).toEqual([...names].sort());
		const runcs =
			`async atime bind defaults dev diratime dirsync exec idmap iversion lazytime loud mand noatime nodev nodiratime
			noexec noiversion nolazytime nomand norelatime nostrictatime nosuid nosymfollow private ratime rbind rdev rdiratime
			relatime remount rexec ridmap rnoatime rnodev rnodiratime rnoexec rnorelatime rnostrictatime rnosuid rnosymfollow ro
			rprivate rrelatime rro rrw rshared rslave rstrictatime rsuid rsymfollow runbindable rw shared silent slave strictatime
			suid symfollow sync tmpcopyup unbindable`.split(/\s+/);
		expect(names.filter(name => name !== 'copy-symlink')).toEqual(runcs);
	});
});
