import { describe, expect, it } from 'vitest';
import { SystemError } from '../../../src/native/system-error.ts';

describe('SystemError', () => {
	it('says the call, its arguments by name, and the word of the kernel last', () => {
		const error = new SystemError(13, 'mount', { source: undefined, target: '/mnt', flags: 0x1000 });
		expect(error.message).toBe('mount(target "/mnt", flags 0x1000): EACCES, permission denied');
	});

	it('carries code, errno, syscall and arguments', () => {
		const error = new SystemError(2, 'chroot', { path: '/nowhere' });
		expect({ ...error }).toMatchObject({ code: 'ENOENT', errno: 2, syscall: 'chroot', args: { path: '/nowhere' } });
	});

	it.each([
		[{ mode: 0o4755 }, 'mode 0o4755'],
		[{ device: [1, 3] }, 'device [1,3]'],
		[{ effective: 1n << 40n }, 'effective 0x10000000000'],
		[{ path: Buffer.from('etc/passwd') }, 'path "etc/passwd"'],
		[{ value: Buffer.from('secret') }, 'value 6 bytes'],
		[{ path: 'line\nbreak' }, 'path "line\\nbreak"'],
	])('words %o as %s', (args, words) => {
		expect(new SystemError(22, 'call', args).message).toBe(`call(${words}): EINVAL, invalid argument`);
	});
});
