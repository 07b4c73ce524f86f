import {
	closeSync,
	mkdirSync,
	mkdtempSync,
	openSync,
	readFileSync,
	rmSync,
	statSync,
	writeFileSync,
	writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as sys from '../../../src/native/syscalls.ts';
import { SystemError } from '../../../src/native/system-error.ts';

let folder: string;
let dirfd: number;

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'tsrun-syscalls-'));
	dirfd = sys.openat2(sys.AT_FDCWD, folder, { flags: sys.O_PATH | sys.O_DIRECTORY | sys.O_CLOEXEC });
});

afterEach(() => {
	closeSync(dirfd);
	rmSync(folder, { recursive: true });
});

/** The SystemError that a call throws, without its words. */
function failureOf(call: () => unknown): Pick<SystemError, 'code' | 'syscall'> {
	try {
		call();
	} catch (error) {
		if (error instanceof SystemError) return { code: error.code, syscall: error.syscall };
		throw error;
	}
	throw new Error('the call succeeded');
}

describe('the calls of unpacking', () => {
	it('openat2 creates below a descriptor and stays in its root', () => {
		const fd = sys.openat2(dirfd, 'file', { flags: sys.O_CREAT | sys.O_WRONLY | sys.O_CLOEXEC, mode: 0o640 });
		writeSync(fd, 'text');
		closeSync(fd);
		expect(readFileSync(join(folder, 'file'), 'utf8')).toBe('text');
		const beneath = { flags: sys.O_PATH | sys.O_CLOEXEC, resolve: sys.RESOLVE_BENEATH };
		expect(failureOf(() => sys.openat2(dirfd, '../..', beneath))).toEqual({ code: 'EXDEV', syscall: 'openat2' });
		const inRoot = sys.openat2(dirfd, '/../../..', { ...beneath, resolve: sys.RESOLVE_IN_ROOT });
		expect(sys.fstatat(inRoot, '', sys.AT_EMPTY_PATH).ino).toBe(sys.fstatat(dirfd, '', sys.AT_EMPTY_PATH).ino);
		closeSync(inRoot);
	});

	it('mkdirat, unlinkat and renameat2 change names', () => {
		sys.mkdirat(dirfd, 'a', 0o700);
		expect(failureOf(() => sys.mkdirat(dirfd, 'a', 0o700))).toEqual({ code: 'EEXIST', syscall: 'mkdirat' });
		sys.renameat2(dirfd, 'a', dirfd, 'b');
		sys.mkdirat(dirfd, 'c', 0o700);
		expect(failureOf(() => sys.renameat2(dirfd, 'b', dirfd, 'c', sys.RENAME_NOREPLACE))).toEqual({
			code: 'EEXIST',
			syscall: 'renameat2',
		});
		expect(failureOf(() => sys.unlinkat(dirfd, 'b'))).toEqual({ code: 'EISDIR', syscall: 'unlinkat' });
		sys.unlinkat(dirfd, 'b', sys.AT_REMOVEDIR);
		expect(failureOf(() => sys.fstatat(dirfd, 'b'))).toEqual({ code: 'ENOENT', syscall: 'statx' });
	});

	it('symlinkat and readlinkat keep the target as it is', () => {
		sys.symlinkat('../../ü', dirfd, 'link');
		expect(sys.readlinkat(dirfd, 'link')).toBe('../../ü');
		expect(failureOf(() => sys.symlinkat('x', dirfd, 'link'))).toEqual({ code: 'EEXIST', syscall: 'symlinkat' });
		expect(failureOf(() => sys.readlinkat(dirfd, '.'))).toEqual({ code: 'EINVAL', syscall: 'readlinkat' });
	});

	it('linkat links the path, not what it leads to, unless told', () => {
		writeFileSync(join(folder, 'file'), '');
		sys.symlinkat('file', dirfd, 'link');
		sys.linkat(dirfd, 'link', dirfd, 'same-link');
		sys.linkat(dirfd, 'link', dirfd, 'same-file', sys.AT_SYMLINK_FOLLOW);
		expect(sys.fstatat(dirfd, 'same-link').mode & sys.S_IFMT).toBe(sys.S_IFLNK);
		expect(sys.fstatat(dirfd, 'same-file').ino).toBe(sys.fstatat(dirfd, 'file').ino);
		expect(sys.fstatat(dirfd, 'file').nlink).toBe(2);
		expect(failureOf(() => sys.linkat(dirfd, 'none', dirfd, 'x'))).toEqual({ code: 'ENOENT', syscall: 'linkat' });
	});

	it.each([
		[4096, 0],
		[0, 0x100000],
	])('mknodat refuses device %d:%d, which the kernel would take for another', (major, minor) => {
		const call = () => sys.mknodat(dirfd, 'device', sys.S_IFCHR, [major, minor]);
		expect(failureOf(call)).toEqual({ code: 'EINVAL', syscall: 'mknodat' });
	});

	it('mknodat makes a fifo', () => {
		sys.mknodat(dirfd, 'fifo', sys.S_IFIFO | 0o600);
		expect(sys.fstatat(dirfd, 'fifo').mode).toBe(sys.S_IFIFO | 0o600);
		expect(failureOf(() => sys.mknodat(dirfd, 'fifo', sys.S_IFIFO))).toEqual({ code: 'EEXIST', syscall: 'mknodat' });
	});

	it('fchownat and fchmodat set what is asked', () => {
		writeFileSync(join(folder, 'file'), '');
		sys.fchmodat(dirfd, 'file', 0o4711);
		sys.fchownat(dirfd, 'file', process.getuid?.() ?? 0, process.getgid?.() ?? 0);
		expect(failureOf(() => sys.fchmodat(dirfd, 'none', 0))).toEqual({ code: 'ENOENT', syscall: 'fchmodat' });
		expect(failureOf(() => sys.fchownat(dirfd, 'none', 0, 0))).toEqual({ code: 'ENOENT', syscall: 'fchownat' });
		expect(statSync(join(folder, 'file')).mode & 0o777).toBe(0o711);
		sys.symlinkat('file', dirfd, 'link');
		sys.fchmodat(dirfd, 'link', 0o640);
		expect(statSync(join(folder, 'file')).mode & 0o777).toBe(0o640);
	});

	it.each([
		[1_700_000_000, 123_456_789],
		[-1, 999_999_999],
		[0, 1],
		[2_147_483_648, 0],
	])('utimensat keeps %d.%d to the nanosecond', (sec, nsec) => {
		sys.symlinkat('nowhere', dirfd, 'link');
		sys.utimensat(dirfd, 'link', sec, nsec);
		expect(sys.fstatat(dirfd, 'link')).toMatchObject({ mtimeSec: sec, mtimeNsec: nsec });
		expect(failureOf(() => sys.utimensat(dirfd, 'link', 0, 1_000_000_000))).toEqual({
			code: 'EINVAL',
			syscall: 'utimensat',
		});
	});

	it('fstatat tells what lstat tells', () => {
		writeFileSync(join(folder, 'file'), 'twelve bytes');
		const { size, uid, gid, nlink, dev, ino, mode } = statSync(join(folder, 'file'), { bigint: true });
		expect(sys.fstatat(dirfd, 'file')).toMatchObject({
			size: Number(size),
			uid: Number(uid),
			gid: Number(gid),
			nlink: Number(nlink),
			dev: [Number((dev >> 8n) & 0xfffn), Number((dev & 0xffn) | ((dev >> 12n) & 0xfff00n))],
			mode: Number(mode),
			ino,
		});
		expect(sys.fstatat(sys.AT_FDCWD, '/dev/null').rdev).toEqual([1, 3]);
	});

	it('takes names as bytes where they are not UTF-8', () => {
		const name = Buffer.from([0x66, 0xff, 0xfe]);
		sys.mkdirat(dirfd, name, 0o755);
		expect(sys.fstatat(dirfd, name).mode & sys.S_IFMT).toBe(sys.S_IFDIR);
		sys.unlinkat(dirfd, name, sys.AT_REMOVEDIR);
	});

	it('hands a path of any length to the kernel', () => {
		const error = { code: 'ENAMETOOLONG', syscall: 'mkdirat' };
		for (const length of [4096, 8180, 8190, 8192, 100_000]) {
			expect(failureOf(() => sys.mkdirat(dirfd, 'é'.repeat(length), 0o755))).toEqual(error);
		}
		sys.mkdirat(dirfd, 'é'.repeat(127), 0o755);
		mkdirSync(join(folder, 'x'));
	});
});

describe('extended attributes', () => {
	it('are set, listed and read; none is undefined', () => {
		const file = join(folder, 'file');
		writeFileSync(file, '');
		expect(sys.llistxattr(file)).toEqual([]);
		sys.lsetxattr(file, 'user.one', Buffer.from([0, 1, 255]));
		const fd = openSync(file, 'r');
		sys.fsetxattr(fd, 'user.two', Buffer.alloc(0));
		closeSync(fd);
		expect([...sys.llistxattr(file)].sort()).toEqual(['user.one', 'user.two']);
		expect(sys.lgetxattr(file, 'user.one')).toEqual(Buffer.from([0, 1, 255]));
		expect(sys.lgetxattr(file, 'user.two')).toEqual(Buffer.alloc(0));
		expect(sys.lgetxattr(file, 'user.three')).toBeUndefined();
	});

	it('fail with the word of the kernel', () => {
		const none = join(folder, 'none');
		expect(failureOf(() => sys.lgetxattr(none, 'user.a'))).toEqual({ code: 'ENOENT', syscall: 'lgetxattr' });
		expect(failureOf(() => sys.llistxattr(none))).toEqual({ code: 'ENOENT', syscall: 'llistxattr' });
		expect(failureOf(() => sys.fsetxattr(dirfd, 'user.a', Buffer.alloc(0)))).toEqual({
			code: 'EBADF',
			syscall: 'fsetxattr',
		});
		const file = join(folder, 'file');
		writeFileSync(file, '');
		const replace = () => sys.lsetxattr(file, 'user.a', Buffer.alloc(0), sys.XATTR_REPLACE);
		expect(failureOf(replace)).toEqual({ code: 'ENODATA', syscall: 'lsetxattr' });
	});
});

describe('descriptors', () => {
	it('flock is exclusive between two openings, and says so', () => {
		const file = join(folder, 'lock');
		const [one, two] = [openSync(file, 'w'), openSync(file, 'w')];
		expect(sys.flock(one, 'exclusive')).toBe(true);
		expect(sys.flock(two, 'shared', true)).toBe(false);
		expect(sys.flock(one, 'unlock')).toBe(true);
		expect(sys.flock(two, 'shared', true)).toBe(true);
		expect(sys.flock(one, 'shared', true)).toBe(true);
		closeSync(one);
		closeSync(two);
		expect(failureOf(() => sys.flock(one, 'shared'))).toEqual({ code: 'EBADF', syscall: 'flock' });
	});

	it('a sealed memfd cannot be written, nor its seals taken away', () => {
		const fd = sys.memfdCreate('test', sys.MFD_CLOEXEC | sys.MFD_ALLOW_SEALING);
		writeSync(fd, 'text');
		sys.addSeals(fd);
		expect(() => writeSync(fd, 'more')).toThrow(/EPERM/);
		expect(failureOf(() => sys.addSeals(fd, sys.F_SEAL_FUTURE_WRITE))).toEqual({
			code: 'EPERM',
			syscall: 'fcntl(F_ADD_SEALS)',
		});
		closeSync(fd);
	});

	it('setCloexec changes the flag that /proc shows', () => {
		const flags = () =>
			Number.parseInt(/flags:\s+(\d+)/.exec(readFileSync(`/proc/self/fdinfo/${dirfd}`, 'utf8'))?.[1] ?? '', 8);
		sys.setCloexec(dirfd, false);
		expect(flags() & sys.O_CLOEXEC).toBe(0);
		sys.setCloexec(dirfd, true);
		expect(flags() & sys.O_CLOEXEC).toBe(sys.O_CLOEXEC);
		expect(failureOf(() => sys.setCloexec(1_000_000, true))).toEqual({ code: 'EBADF', syscall: 'fcntl(F_SETFD)' });
	});
});
