import { spawnSync } from 'node:child_process';
import {
	closeSync,
	mkdirSync,
	mkdtempSync,
	openSync,
	readFileSync,
	readlinkSync,
	rmSync,
	statSync,
	writeFileSync,
	writeSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as linux from '../../src/linux.ts';
import { makedev } from '../../src/plan/device-nodes.ts';
import { type Bundle, bundleForNode } from './support/bundle-for-node.ts';

let bundle: Bundle;
let folder: string;

beforeAll(async () => {
	bundle = await bundleForNode('src/linux.ts');
	folder = mkdtempSync(join(tmpdir(), 'tsrun-linux-'));
});

afterAll(() => {
	bundle.remove();
	rmSync(folder, { recursive: true });
});

/** Statements in a Node process of their own, which dies with what it changed. @returns what it writes by `tell` */
function inProcess(statements: string, input = ''): readonly unknown[] {
	const script = `
		import * as linux from ${JSON.stringify(bundle.path)};
		import * as fs from 'node:fs';
		const folder = ${JSON.stringify(folder)};
		const tell = value => fs.writeSync(1, JSON.stringify(value) + '\\n');
		const code = call => { try { call(); return 'none'; } catch (error) { return error.code + ' ' + error.syscall; } };
		const ownMounts = () => {
			linux.unshare(linux.CLONE_NEWNS);
			linux.mount({ target: '/', flags: linux.MS_REC | linux.MS_PRIVATE });
		};
		${statements}`;
	const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
		encoding: 'utf8',
		input,
	});
	expect(stderr).toBe('');
	return stdout
		.split('\n')
		.filter(line => line !== '')
		.map(line => JSON.parse(line));
}

/** What a child writes to its standard output, and how it ends. */
function outputOf(options: Omit<linux.SpawnIn, 'stdio'>): { readonly text: string; readonly end: linux.ProcessEnd } {
	const file = join(folder, 'output');
	const fd = openSync(file, 'w+');
	const end = linux.waitPid(linux.spawnIn({ ...options, stdio: [0, fd, 2] }));
	closeSync(fd);
	return { text: readFileSync(file, 'utf8'), end };
}

function failureOf(call: () => unknown): linux.SystemError {
	try {
		call();
	} catch (error) {
		if (error instanceof linux.SystemError) return error;
		throw error;
	}
	throw new Error('the call succeeded');
}

const sh = (script: string) => ({ path: '/bin/sh', argv: ['sh', '-c', script] });

describe('namespaces', () => {
	it('unshare and setns move the process, sethostname and setdomainname name what is new', () => {
		const told = inProcess(`
			const host = fs.openSync('/proc/self/ns/uts', 'r');
			linux.unshare(linux.CLONE_NEWUTS);
			linux.sethostname('inner');
			linux.setdomainname('inner.domain');
			tell([fs.readFileSync('/proc/sys/kernel/hostname', 'utf8'), fs.readFileSync('/proc/sys/kernel/domainname', 'utf8')]);
			linux.setns(host, linux.CLONE_NEWUTS);
			tell(fs.readFileSync('/proc/sys/kernel/hostname', 'utf8').trim());`);
		expect(told).toEqual([['inner\n', 'inner.domain\n'], hostname()]);
	});

	it('refuse what the kernel refuses', () => {
		const told = inProcess(`
			linux.unshare(linux.CLONE_NEWUTS);
			const notNamespace = fs.openSync('/dev/null', 'r');
			tell([
				code(() => linux.unshare(linux.CLONE_NEWUSER)),
				code(() => linux.setns(notNamespace)),
				code(() => linux.sethostname('x'.repeat(65))),
				code(() => linux.setdomainname('x'.repeat(65))),
				code(() => linux.pivotRoot('/', '/')),
				code(() => linux.chroot('/no/such/directory')),
			]);`);
		expect(told).toEqual([
			[
				'EINVAL unshare',
				'EINVAL setns',
				'EINVAL sethostname',
				'EINVAL setdomainname',
				'EBUSY pivot_root',
				'ENOENT chroot',
			],
		]);
	});

	it('setns enters a mount namespace after unshare(CLONE_FS)', () => {
		const told = inProcess(`
			const host = fs.openSync('/proc/self/ns/mnt', 'r');
			ownMounts();
			const inner = fs.readlinkSync('/proc/thread-self/ns/mnt');
			linux.setns(host, linux.CLONE_NEWNS);
			tell([inner, fs.readlinkSync('/proc/thread-self/ns/mnt')]);`);
		const [[inner, outer]] = told as [[string, string]];
		expect(outer).toBe(readlinkSync('/proc/self/ns/mnt'));
		expect(inner).not.toBe(outer);
	});
});

describe('setns by a pidfd', () => {
	it('enters several namespaces of a process at once', () => {
		const told = inProcess(`
			const namespaces = linux.CLONE_NEWUTS | linux.CLONE_NEWIPC;
			const pid = linux.spawnIn({ flags: namespaces, path: '/bin/sleep', argv: ['sleep', '60'] });
			const pidfd = linux.pidfdOpen(pid);
			linux.setns(pidfd, namespaces);
			const of = place => ['uts', 'ipc', 'net'].map(name => fs.readlinkSync('/proc/' + place + '/ns/' + name));
			tell([of('thread-self'), of(pid)]);
			linux.pidfdSendSignal(pidfd, 'SIGKILL');
			tell(linux.waitPid(pid).signal);
			tell(code(() => linux.setns(pidfd, namespaces)));`);
		const [[mine, its], signal, afterEnd] = told as [[string[], string[]], string, string];
		expect(mine).toEqual(its);
		expect(mine[0]).not.toBe(readlinkSync('/proc/self/ns/uts'));
		expect([signal, afterEnd]).toEqual(['SIGKILL', 'ESRCH setns']);
	});
});

describe('mounts', () => {
	it('mount and umount2 work on a tmpfs, a bind and a remount', () => {
		const told = inProcess(`
			ownMounts();
			fs.mkdirSync(folder + '/tmpfs');
			fs.mkdirSync(folder + '/bind');
			linux.mount({ source: 'words', target: folder + '/tmpfs', type: 'tmpfs', flags: linux.MS_NOSUID, data: 'size=1m,mode=700' });
			fs.writeFileSync(folder + '/tmpfs/file', 'text');
			linux.mount({ source: folder + '/tmpfs', target: folder + '/bind', flags: linux.MS_BIND });
			linux.mount({ target: folder + '/bind', flags: linux.MS_BIND | linux.MS_REMOUNT | linux.MS_RDONLY });
			const line = fs.readFileSync('/proc/thread-self/mountinfo', 'utf8').split('\\n').find(line => line.includes(folder + '/tmpfs'));
			tell([
				fs.readFileSync(folder + '/bind/file', 'utf8'),
				code(() => fs.writeFileSync(folder + '/bind/file', '')),
				/nosuid/.test(line) && /tmpfs words rw,size=1024k,mode=700/.test(line),
				code(() => linux.mount({ source: 'x', target: folder, type: 'no-such-type' })),
				code(() => linux.umount2(folder)),
			]);
			linux.umount2(folder + '/bind');
			linux.umount2(folder + '/tmpfs', linux.MNT_DETACH);
			tell(fs.existsSync(folder + '/tmpfs/file'));`);
		expect(told).toEqual([['text', 'EROFS open', true, 'ENODEV mount', 'EINVAL umount2'], false]);
	});

	it('stay in the mount namespace of the process that made them', () => {
		inProcess(`ownMounts(); linux.mount({ source: 'gone', target: folder, type: 'tmpfs' });`);
		expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(folder);
	});

	it('pivotRoot makes a mount the root, and the old one can be left', () => {
		const told = inProcess(`
			ownMounts();
			fs.mkdirSync(folder + '/root');
			linux.mount({ source: 'root', target: folder + '/root', type: 'tmpfs' });
			fs.writeFileSync(folder + '/root/only', '');
			process.chdir(folder + '/root');
			linux.pivotRoot('.', '.');
			linux.umount2('.', linux.MNT_DETACH);
			tell(fs.readdirSync('/'));`);
		expect(told).toEqual([['only']]);
	});

	it('chroot changes where paths begin', () => {
		mkdirSync(join(folder, 'chroot/inner'), { recursive: true });
		const told = inProcess(
			`linux.unshare(linux.CLONE_FS); linux.chroot(folder + '/chroot'); tell(fs.readdirSync('/'));`,
		);
		expect(told).toEqual([['inner']]);
	});
});

describe('files', () => {
	it('mknod makes a device and a fifo', () => {
		const device = join(folder, 'null');
		linux.mknod({ path: device, mode: linux.S_IFCHR | 0o600, device: [1, 3] });
		expect([statSync(device).isCharacterDevice(), statSync(device).rdev]).toEqual([true, 0x103]);
		for (const [name, make] of [
			['fifo', (path: string) => linux.mknod({ path, mode: linux.S_IFIFO | 0o600 })],
			['mkfifo', (path: string) => linux.mkfifo(path, 0o600)],
		] as const) {
			make(join(folder, name));
			expect(statSync(join(folder, name)).mode).toBe(linux.S_IFIFO | 0o600);
		}
		expect(failureOf(() => linux.mkfifo(device))).toMatchObject({ code: 'EEXIST', syscall: 'mkfifo' });
		expect(failureOf(() => linux.mknod({ path: device, mode: linux.S_IFCHR, device: [1, 3] }))).toMatchObject({
			code: 'EEXIST',
			errno: 17,
			syscall: 'mknod',
			args: { path: device, mode: linux.S_IFCHR, device: [1, 3] },
		});
	});

	it.each([
		[4095, 0xfffff],
		[0, 256],
		[259, 65],
	])('mknod makes device %d:%d', (major, minor) => {
		const device = join(folder, 'device');
		linux.mknod({ path: device, mode: linux.S_IFCHR | 0o600, device: [major, minor] });
		expect(statSync(device, { bigint: true }).rdev).toBe(makedev(major, minor));
		rmSync(device);
	});

	it('openat2 goes only where it may', () => {
		const fd = linux.openat2({ path: '/etc/passwd' });
		expect(readFileSync(fd, 'utf8')).toContain('root:');
		closeSync(fd);
		const resolve = linux.RESOLVE_NO_MAGICLINKS;
		expect(failureOf(() => linux.openat2({ path: '/proc/self/exe', resolve })).message).toBe(
			'openat2(dirfd -100, path "/proc/self/exe", flags 0x80000, mode 0o0, resolve 0x2): ' +
				'ELOOP, too many levels of symbolic links',
		);
	});

	it('getxattr and setxattr keep a value, also in the trusted class', () => {
		const path = join(folder, 'attributes');
		writeFileSync(path, '');
		linux.setxattr({ path, name: 'trusted.overlay.opaque', value: 'y' });
		expect(linux.getxattr(path, 'trusted.overlay.opaque').toString()).toBe('y');
		linux.setxattr({ path, name: 'user.bytes', value: Buffer.from([0, 255]), flags: linux.XATTR_CREATE });
		expect(linux.getxattr(path, 'user.bytes')).toEqual(Buffer.from([0, 255]));
		expect(failureOf(() => linux.getxattr(path, 'user.none'))).toMatchObject({ code: 'ENODATA', syscall: 'getxattr' });
		const again = () => linux.setxattr({ path, name: 'user.bytes', value: '', flags: linux.XATTR_CREATE });
		expect(failureOf(again)).toMatchObject({ code: 'EEXIST', syscall: 'setxattr' });
	});

	it('memfdCreate makes a file without a place', () => {
		const fd = linux.memfdCreate('words');
		writeSync(fd, 'text');
		expect(readlinkSync(`/proc/self/fd/${fd}`)).toBe('/memfd:words (deleted)');
		closeSync(fd);
		expect(failureOf(() => linux.memfdCreate('x'.repeat(300)))).toMatchObject({
			code: 'EINVAL',
			syscall: 'memfd_create',
		});
	});
});

describe('sockets', () => {
	/** A socket that listens at a path, and a connection to it from both sides. */
	function connected(
		name: string,
		type = linux.SOCK_STREAM,
	): readonly [client: number, server: number, listener: number] {
		const path = join(folder, name);
		const listener = linux.unixSocket(type | linux.SOCK_CLOEXEC | linux.SOCK_NONBLOCK);
		linux.bind(listener, path);
		linux.listen(listener);
		const client = linux.unixSocket(type | linux.SOCK_CLOEXEC);
		linux.connect(client, Buffer.from(path));
		return [client, linux.accept(listener), listener];
	}

	it('connect by a path, and carry bytes', () => {
		const [client, server, listener] = connected('socket');
		writeSync(client, 'hello');
		expect(linux.recvDescriptors(server)).toEqual({ data: Buffer.from('hello'), descriptors: [] });
		expect(failureOf(() => linux.accept(listener))).toMatchObject({ code: 'EAGAIN', syscall: 'accept4' });
		closeSync(client);
		expect(linux.recvDescriptors(server).data.length).toBe(0);
		for (const fd of [server, listener]) closeSync(fd);
	});

	it.each([0, 1, 3, 253])('carry %d descriptors, which are open on the other side', count => {
		const [one, other] = linux.socketpair();
		const file = openSync(join(folder, 'carried'), 'w+');
		writeSync(file, 'text');
		expect(linux.sendDescriptors(one, { data: Buffer.from('x'), descriptors: Array(count).fill(file) })).toBe(1);
		closeSync(file);
		const { data, descriptors } = linux.recvDescriptors(other);
		expect([data.toString(), descriptors.length]).toEqual(['x', count]);
		for (const fd of descriptors) {
			expect(readlinkSync(`/proc/self/fd/${fd}`)).toBe(join(folder, 'carried'));
			const flags = /flags:\s+(\d+)/.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1] ?? '';
			expect(Number.parseInt(flags, 8) & linux.O_CLOEXEC).toBe(linux.O_CLOEXEC);
			closeSync(fd);
		}
		for (const fd of [one, other]) closeSync(fd);
	});

	it('keep the borders of messages with SOCK_SEQPACKET', () => {
		const [client, server, listener] = connected('packets', linux.SOCK_SEQPACKET);
		for (const word of ['one', 'two'])
			linux.sendDescriptors(client, { data: Buffer.from(word), descriptors: [client] });
		const messages = [linux.recvDescriptors(server), linux.recvDescriptors(server)];
		expect(messages.map(({ data }) => data.toString())).toEqual(['one', 'two']);
		for (const fd of [client, server, listener, ...messages.flatMap(({ descriptors }) => descriptors)]) closeSync(fd);
	});

	it('fail with the word of the kernel', () => {
		const fd = linux.unixSocket();
		expect(failureOf(() => linux.connect(fd, join(folder, 'none')))).toMatchObject({
			code: 'ENOENT',
			syscall: 'connect',
		});
		expect(failureOf(() => linux.bind(fd, '/'.repeat(108)))).toMatchObject({ code: 'EINVAL', syscall: 'bind' });
		expect(failureOf(() => linux.recvDescriptors(fd))).toMatchObject({ code: 'EINVAL', syscall: 'recvmsg' });
		closeSync(fd);
		const [one, other] = linux.socketpair();
		const send = (descriptors: readonly number[]) =>
			failureOf(() => linux.sendDescriptors(one, { data: Buffer.of(0), descriptors }));
		expect(send([1_000_000])).toMatchObject({ code: 'EBADF', syscall: 'sendmsg' });
		expect(send(Array(254).fill(one))).toMatchObject({ code: 'EINVAL', syscall: 'sendmsg' });
		closeSync(other);
		expect(send([one])).toMatchObject({ code: 'EPIPE', syscall: 'sendmsg' });
		closeSync(one);
	});
});

describe('a terminal', () => {
	it('has the size that it is given', () => {
		const master = openSync('/dev/ptmx', 'r+');
		linux.setTerminalSize(master, { rows: 24, columns: 65_535 });
		expect(linux.terminalSize(master)).toEqual({ rows: 24, columns: 65_535 });
		closeSync(master);
		const file = openSync('/dev/null', 'r+');
		expect(failureOf(() => linux.terminalSize(file))).toMatchObject({ code: 'ENOTTY', syscall: 'ioctl(TIOCGWINSZ)' });
		const set = () => linux.setTerminalSize(file, { rows: 1, columns: 1 });
		expect(failureOf(set)).toMatchObject({ code: 'ENOTTY', syscall: 'ioctl(TIOCSWINSZ)' });
		closeSync(file);
	});
});

describe('spawnIn', () => {
	it('starts the first process of new namespaces', () => {
		const flags = linux.CLONE_NEWPID | linux.CLONE_NEWUTS | linux.CLONE_NEWNS | linux.CLONE_NEWNET | linux.CLONE_NEWIPC;
		const { text, end } = outputOf({ flags, ...sh('echo $$; hostname inner; hostname; exit 3') });
		expect(text).toBe('1\ninner\n');
		expect(end).toEqual({ exitCode: 3, signal: null });
		expect(hostname()).not.toBe('inner');
	});

	it('gives the program its arguments, its environment and its directory, whatever their length', () => {
		const long = [8170, 8180, 8190, 8192, 8200, 20_000].map((length, index) =>
			String.fromCharCode(97 + index).repeat(length),
		);
		const wide = '€'.repeat(4000);
		const argv = ['sh', '-c', 'pwd; echo "$WORD$NONE"; printf "%s\\n" "$@"', 'sh', ...long, wide, ''];
		const { text } = outputOf({ path: '/bin/sh', argv, env: { WORD: 'wörd', NONE: undefined }, cwd: '/usr' });
		expect(text).toBe(`${['/usr', 'wörd', ...long, wide, ''].join('\n')}\n`);
	});

	it('connects the standard streams, also crosswise', () => {
		const [out, err] = ['out', 'err'].map(name => join(folder, name)) as [string, string];
		const [outFd, errFd] = [openSync(out, 'w'), openSync(err, 'w')];
		const child = { ...sh('echo to-stdout; echo to-stderr >&2'), stdio: [0, errFd, outFd] as const };
		expect(linux.waitPid(linux.spawnIn(child))).toEqual({ exitCode: 0, signal: null });
		expect([readFileSync(out, 'utf8'), readFileSync(err, 'utf8')]).toEqual(['to-stderr\n', 'to-stdout\n']);
		closeSync(outFd);
		closeSync(errFd);
	});

	it('exchanges its own standard streams in the child', () => {
		const told = inProcess(`
			const child = { path: '/bin/sh', argv: ['sh', '-c', 'echo 42 >&2'], stdio: [0, 2, 1] };
			linux.waitPid(linux.spawnIn(child));`);
		expect(told).toEqual([42]);
	});

	it('hands no descriptor of Node on, no ignored signal and no blocked one', () => {
		const before = openSync('/dev/null', 'r');
		const fds = outputOf({ path: '/bin/ls', argv: ['ls', '/proc/self/fd'] }).text.split('\n');
		const { text } = outputOf({ path: '/bin/grep', argv: ['grep', '-E', '^Sig(Blk|Ign)', '/proc/self/status'] });
		closeSync(before);
		expect(fds).not.toContain(String(before));
		expect(text).toMatch(/SigBlk:\s0{16}\nSigIgn:\s0{16}\n/);
	});

	it.each([
		['execve', { path: '/no/such/program', argv: ['x'] }, 'ENOENT'],
		['execve', { path: '/etc/passwd', argv: ['x'] }, 'EACCES'],
		['chdir', { path: '/bin/true', argv: ['true'], cwd: '/no/such/directory' }, 'ENOENT'],
		['dup2', { path: '/bin/true', argv: ['true'], stdio: [0, 1, 1_000_000] as const }, 'EBADF'],
	])('throws when %s of the child fails, and leaves no child', (syscall, options, code) => {
		expect(failureOf(() => linux.spawnIn(options))).toMatchObject({ code, syscall });
		const children = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ').filter(Boolean);
		const zombies = children.filter(pid => /^State:\sZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8')));
		expect(zombies).toEqual([]);
	});

	it('throws when clone itself fails', () => {
		const told = inProcess(`
			const words = linux.capget();
			linux.capset({ ...words, effective: 0n });
			tell(code(() => linux.spawnIn({ flags: linux.CLONE_NEWNET, path: '/bin/true', argv: ['true'] })));`);
		expect(told).toEqual(['EPERM clone']);
	});
});

describe('waitPid and pollPid', () => {
	it('tell a signal by its name', () => {
		expect(linux.waitPid(linux.spawnIn(sh('kill -KILL $$')))).toEqual({ exitCode: null, signal: 'SIGKILL' });
		expect(linux.waitPid(linux.spawnIn(sh('kill -40 $$')))).toEqual({ exitCode: null, signal: 'SIG40' });
	});

	it('pollPid does not wait, waitPid does', () => {
		const pid = linux.spawnIn(sh('sleep 0.2; exit 5'));
		expect(linux.pollPid(pid)).toBeUndefined();
		expect(linux.waitPid(pid)).toEqual({ exitCode: 5, signal: null });
		expect(failureOf(() => linux.pollPid(pid))).toMatchObject({ code: 'ECHILD', syscall: 'waitpid' });
	});
});

describe('execve', () => {
	it('turns Node into the program, with the same pid and plain signals and streams', () => {
		const script =
			'echo $$; grep -E "^(Sig(Blk|Ign)|Threads)" /proc/self/status; grep ^flags /proc/self/fdinfo/0; cat; exit 4';
		const node = `
			import * as linux from ${JSON.stringify(bundle.path)};
			import { writeSync } from 'node:fs';
			writeSync(1, process.pid + '\\n');
			process.stdin.on('data', () => undefined).pause();
			linux.execve('/bin/sh', ['sh', '-c', process.argv[1]], { PATH: '/bin:/usr/bin' });`;
		const args = ['--input-type=module', '-e', node, script];
		const { stdout, status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', input: 'typed' });
		expect(stderr).toBe('');
		const [before, after, threads, blocked, ignored, flags, ...rest] = stdout.split('\n');
		expect(after).toBe(before);
		expect([threads, blocked, ignored]).toEqual([
			'Threads:\t1',
			`SigBlk:\t${'0'.repeat(16)}`,
			`SigIgn:\t${'0'.repeat(16)}`,
		]);
		expect(Number.parseInt(flags?.split(/\s+/)[1] ?? '', 8) & linux.O_NONBLOCK).toBe(0);
		expect(rest).toEqual(['typed']);
		expect(status).toBe(4);
	});

	it('executes a descriptor', () => {
		const told = inProcess(`
			const fd = linux.memfdCreate('program');
			fs.writeSync(fd, fs.readFileSync('/bin/echo'));
			linux.execve('/proc/self/fd/' + fd, ['echo', '42'], {});`);
		expect(told).toEqual([42]);
	});

	it('leaves the process as it was when it fails', () => {
		const told = inProcess(`
			const signals = () => fs.readFileSync('/proc/thread-self/status', 'utf8').match(/^Sig(Blk|Ign).*$/gm).join();
			const streams = () => [0, 1, 2].map(fd => /flags.*/.exec(fs.readFileSync('/proc/self/fdinfo/' + fd, 'utf8'))[0]).join();
			const before = [signals(), streams()];
			tell(code(() => linux.execve('/no/such/program', ['x'], {})));
			tell(JSON.stringify(before) === JSON.stringify([signals(), streams()]));
			const SIGPIPE = 1n << 12n;
			tell((BigInt('0x' + /SigIgn:\\s+(\\w+)/.exec(before[0])[1]) & SIGPIPE) === SIGPIPE);`);
		expect(told).toEqual(['ENOENT execve', true, true]);
	});
});

describe('the process', () => {
	it('prctl sets and gets', () => {
		const told = inProcess(`
			linux.prctl(linux.PR_SET_NAME, 'renamed');
			linux.prctl(linux.PR_SET_NO_NEW_PRIVS, 1);
			tell([
				fs.readFileSync('/proc/thread-self/comm', 'utf8').trim(),
				linux.prctl(linux.PR_GET_NO_NEW_PRIVS),
				linux.prctl(linux.PR_CAPBSET_READ, linux.CAP_CHOWN),
				code(() => linux.prctl(linux.PR_CAPBSET_READ, 99)),
			]);`);
		expect(told).toEqual([['renamed', 1, 1, 'EINVAL prctl']]);
	});

	it('capget tells what /proc tells', () => {
		const status = readFileSync('/proc/thread-self/status', 'utf8');
		const shown = (name: string) => BigInt(`0x${RegExp(`${name}:\\s(\\w+)`).exec(status)?.[1]}`);
		expect(linux.capget()).toEqual({
			effective: shown('CapEff'),
			permitted: shown('CapPrm'),
			inheritable: shown('CapInh'),
		});
		expect(failureOf(() => linux.capget(4_194_304))).toMatchObject({ code: 'ESRCH', syscall: 'capget' });
	});

	it('capset takes capabilities away, and gives none back', () => {
		const told = inProcess(`
			const before = linux.capget();
			const bit = 1n << BigInt(linux.CAP_SYS_ADMIN) | 1n << BigInt(linux.CAP_BPF);
			linux.capset({ effective: before.effective & ~bit, permitted: before.permitted & ~bit, inheritable: 0n });
			tell([
				linux.capget().permitted === (before.permitted & ~bit),
				code(() => linux.unshare(linux.CLONE_NEWUTS)),
				code(() => linux.capset(before)),
			]);`);
		expect(told).toEqual([[true, 'EPERM unshare', 'EPERM capset']]);
	});

	it('a pidfd stands for the process, and carries a signal to it', () => {
		const pid = linux.spawnIn(sh('exec sleep 60'));
		const pidfd = linux.pidfdOpen(pid);
		linux.pidfdSendSignal(pidfd, 0);
		linux.pidfdSendSignal(pidfd, 'SIGTERM');
		expect(linux.waitPid(pid)).toEqual({ exitCode: null, signal: 'SIGTERM' });
		expect(failureOf(() => linux.pidfdSendSignal(pidfd, 15))).toMatchObject({
			code: 'ESRCH',
			syscall: 'pidfd_send_signal',
		});
		closeSync(pidfd);
		expect(failureOf(() => linux.pidfdOpen(pid))).toMatchObject({ code: 'ESRCH', syscall: 'pidfd_open' });
	});

	it('the addon loads in a worker thread too', () => {
		const told = inProcess(`
			const { Worker } = await import('node:worker_threads');
			linux.capget();
			const source =
				"Promise.all([import(" + JSON.stringify(${JSON.stringify(bundle.path)}) + "), import('node:worker_threads')])" +
				".then(([linux, { parentPort }]) => parentPort.postMessage(linux.prctl(linux.PR_GET_DUMPABLE)))";
			tell(await new Promise((done, fail) => new Worker(source, { eval: true }).on('message', done).on('error', fail)));`);
		expect(told).toEqual([1]);
	});
});
