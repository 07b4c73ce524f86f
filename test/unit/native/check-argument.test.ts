import { describe, expect, it } from 'vitest';
import * as linux from '../../../src/linux.ts';
import * as sys from '../../../src/native/syscalls.ts';

const loose = linux as unknown as Record<string, (...args: unknown[]) => unknown>;

/** Nothing reaches the kernel: the message says the call, the argument, what it must be and what it was. */
const REFUSED: readonly (readonly [call: string, args: readonly unknown[], message: string])[] = [
	['unshare', ['CLONE_NEWNS'], "unshare: flags must be an integer from 0 up, got 'CLONE_NEWNS'"],
	['unshare', [1.5], 'unshare: flags must be an integer from 0 up, got 1.5'],
	['unshare', [], 'unshare: flags must be an integer from 0 up, got undefined'],
	['setns', [-1], 'setns: fd must be an integer from 0 up, got -1'],
	['setns', [0, Number.NaN], 'setns: type must be an integer from 0 up, got NaN'],
	['sethostname', [42], 'sethostname: name must be a string or bytes, got 42'],
	['setdomainname', [null], 'setdomainname: name must be a string or bytes, got null'],
	['mount', [{ source: 'none' }], 'mount: target must be a string or bytes, got undefined'],
	['mount', [{ target: '/a\0b' }], "mount: target must be without NUL, got '/a\\x00b'"],
	['mount', [{ target: '/a', data: {} }], 'mount: data must be a string or bytes, got {}'],
	['umount2', ['/a', '2'], "umount2: flags must be an integer from 0 up, got '2'"],
	['pivotRoot', ['.'], 'pivotRoot: putOld must be a string or bytes, got undefined'],
	['chroot', [Buffer.from([47, 0])], 'chroot: path must be without NUL, got <Buffer 2f 00>'],
	['mknod', [{ path: 'a', mode: 0, device: [1] }], 'mknod: device[1] must be an integer from 0 up, got undefined'],
	['openat2', [{ path: 'a', dirfd: -2 }], 'openat2: dirfd must be an integer from 0 up, got -2'],
	['getxattr', ['/a', 1], 'getxattr: name must be a string or bytes, got 1'],
	['setxattr', [{ path: '/a', name: 'user.a', value: 1 }], 'setxattr: value must be a Uint8Array, got 1'],
	['memfdCreate', [{}], 'memfdCreate: name must be a string or bytes, got {}'],
	['execve', ['/bin/true', []], 'execve: argv must be an array that begins with the program name, got []'],
	['execve', ['/bin/true', ['true', 1]], 'execve: argv[1] must be a string or bytes, got 1'],
	['execve', ['/bin/true', ['true'], { A: 1 }], 'execve: env.A must be a string or bytes, got 1'],
	[
		'execve',
		['/bin/true', ['true'], { 'A=B': '' }],
		"execve: env must be an object of names without =, got { 'A=B': '' }",
	],
	['spawnIn', [{ path: '/a', argv: ['a'], flags: 0x100 }], 'spawnIn: flags must be of CLONE_NEW*, got 0x100'],
	[
		'spawnIn',
		[{ path: '/a', argv: ['a'], stdio: [0, 1] }],
		'spawnIn: stdio[2] must be an integer from 0 up, got undefined',
	],
	['spawnIn', [{ path: '/a', argv: 'a' }], "spawnIn: argv must be an array that begins with the program name, got 'a'"],
	['waitPid', [-1], 'waitPid: pid must be an integer from 1 up, got -1'],
	['pollPid', [0], 'pollPid: pid must be an integer from 1 up, got 0'],
	['pidfdOpen', [0], 'pidfdOpen: pid must be an integer from 1 up, got 0'],
	['pidfdSendSignal', [0, 'SIGNOTHING'], 'pidfdSendSignal: signal must be an integer from 0 up, got undefined'],
	['capset', [{ effective: 1 }], 'capset: effective, permitted and inheritable must be bigint'],
	['capget', ['self'], "capget: pid must be an integer from 0 up, got 'self'"],
	['mkfifo', ['a', '0600'], "mkfifo: mode must be an integer from 0 up, got '0600'"],
	['bind', [3, 'a\0b'], "bind: path must be without NUL, got 'a\\x00b'"],
	['connect', ['3', 'a'], "connect: fd must be an integer from 0 up, got '3'"],
	['listen', [-1], 'listen: fd must be an integer from 0 up, got -1'],
	['accept', [], 'accept: fd must be an integer from 0 up, got undefined'],
	['unixSocket', ['stream'], "unixSocket: type must be an integer from 0 up, got 'stream'"],
	['socketpair', [1.5], 'socketpair: type must be an integer from 0 up, got 1.5'],
	[
		'sendDescriptors',
		[3, { data: Buffer.alloc(0), descriptors: [] }],
		'sendDescriptors: data must be one byte or more, got <Buffer >',
	],
	[
		'sendDescriptors',
		[3, { data: Buffer.of(0), descriptors: [1, -1] }],
		'sendDescriptors: descriptors[1] must be an integer from 0 up, got -1',
	],
	['recvDescriptors', [3, -1], 'recvDescriptors: maxBytes must be an integer from 0 up, got -1'],
	['terminalSize', ['0'], "terminalSize: fd must be an integer from 0 up, got '0'"],
	[
		'setTerminalSize',
		[0, { rows: 65_536, columns: 1 }],
		'setTerminalSize: rows must be an integer up to 65535, got 65536',
	],
	['prctl', ['PR_SET_NAME'], "prctl: option must be an integer from 0 up, got 'PR_SET_NAME'"],
];

describe('the arguments of tsrun/linux', () => {
	it.each(REFUSED)('%s(%j) is a TypeError', (call, args, message) => {
		expect(() => loose[call]?.(...args)).toThrow(new TypeError(message));
	});

	const word = 'must be an integer, text without NUL, bytes or an array of these';
	it.each<readonly [title: string, call: () => unknown, message: string]>([
		['a fraction', () => sys.mkdirat(1.5, 'a', 0), `mkdirat: argument 1 ${word}, got 1.5`],
		['an inexact number', () => sys.mkdirat(2 ** 60, 'a', 0), `mkdirat: argument 1 ${word}, got ${2 ** 60}`],
		['a text with NUL', () => sys.mkdirat(1, 'a\0b', 0), `mkdirat: argument 2 ${word}, got 'a\\x00b'`],
		['an object', () => sys.mkdirat(1, {} as string, 0), `mkdirat: argument 2 ${word}, got {}`],
		[
			'bytes with NUL',
			() => sys.mkdirat(1, Buffer.of(97, 0), 0),
			'path: bytes must be without NUL, got <Buffer 61 00>',
		],
		[
			'a text for bytes',
			() => sys.lsetxattr('/', 'user.a', 'text' as unknown as Uint8Array),
			"lsetxattr: value must be a Uint8Array, got 'text'",
		],
	])(
		'are checked on the way to the kernel, where a call is too frequent to check them twice: %s',
		(_, call, message) => {
			expect(call).toThrow(new TypeError(message));
		},
	);
});
