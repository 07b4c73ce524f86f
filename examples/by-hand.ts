// A container is not a thing that Linux has. It is a process that was given its own view of the system and a share of its
// resources, by some fifteen system calls. Here they are, in order, and nothing else.
//
//     node examples/by-hand.ts ROOTFS [PROGRAM [ARGUMENT…]]        as root, with Node 22.18 or newer
//
// ROOTFS is any directory with a Linux system in it, PROGRAM a path in there. The directory itself stays as it is.
// What a runtime would still do: drop capabilities, filter system calls, resolve each path inside an untrusted rootfs with
// openat2(RESOLVE_IN_ROOT), set up the network. Root in this container is root: run what you trust.
import { chmodSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { basename } from 'node:path';
import * as linux from '../src/linux.ts';

const MEMORY = 64 * 1024 * 1024;
const PROCESSES = 32;

/** The limits, as files: cgroup v2 has one directory with all of them, v1 one for each kind of resource. */
function limits(name: string): readonly (readonly [directory: string, file: string, value: number])[] {
	const isV2 = existsSync('/sys/fs/cgroup/cgroup.controllers');
	const directory = (controller: string) => `/sys/fs/cgroup/${isV2 ? '' : `${controller}/`}${name}`;
	return [
		[directory('memory'), isV2 ? 'memory.max' : 'memory.limit_in_bytes', MEMORY],
		[directory('pids'), 'pids.max', PROCESSES],
	];
}

/** On the host: make room, start the first process of new namespaces, wait, clean up. */
function outside(rootfs: string, command: readonly string[]): void {
	const work = mkdtempSync(`${tmpdir()}/by-hand-`);
	for (const name of ['upper', 'scratch', 'root']) mkdirSync(`${work}/${name}`);
	const groups = new Set(limits(basename(work)).map(([directory]) => directory));
	try {
		const unified = '/sys/fs/cgroup/cgroup.subtree_control';
		if (existsSync(unified)) writeFileSync(unified, '+memory +pids');
		for (const directory of groups) mkdirSync(directory);
		for (const [directory, file, value] of limits(basename(work))) writeFileSync(`${directory}/${file}`, `${value}`);

		process.on('SIGINT', () => undefined); // Ctrl-C is for the container
		const pid = linux.spawnIn({
			flags: linux.CLONE_NEWNS | linux.CLONE_NEWUTS | linux.CLONE_NEWIPC | linux.CLONE_NEWPID | linux.CLONE_NEWNET,
			path: process.execPath,
			argv: [process.execPath, import.meta.filename, '--inside', work, rootfs, ...command],
		});
		const { exitCode, signal } = linux.waitPid(pid);
		process.exitCode = exitCode ?? 128 + constants.signals[signal as NodeJS.Signals];
	} finally {
		for (const directory of groups) if (existsSync(directory)) rmdirSync(directory);
		rmSync(work, { recursive: true });
	}
}

/** Process 1 of the namespaces: still with the host's files before its eyes, it builds its world and moves in. */
function inside(work: string, rootfs: string, command: readonly string[]): never {
	const root = `${work}/root`;
	// The new mount namespace is a copy, and still tells the host of every mount: no longer.
	linux.mount({ target: '/', flags: linux.MS_REC | linux.MS_PRIVATE });
	// Reads come from the rootfs, writes go to `upper`.
	const layers = `lowerdir=${rootfs},upperdir=${work}/upper,workdir=${work}/scratch`;
	linux.mount({ source: 'overlay', target: root, type: 'overlay', data: layers });

	for (const name of ['proc', 'dev']) mkdirSync(`${root}/${name}`, { recursive: true });
	const { MS_NOSUID, MS_NODEV, MS_NOEXEC } = linux;
	// This proc shows the processes of the new pid namespace, and this process is number 1 there.
	linux.mount({ source: 'proc', target: `${root}/proc`, type: 'proc', flags: MS_NOSUID | MS_NODEV | MS_NOEXEC });
	linux.mount({ source: 'dev', target: `${root}/dev`, type: 'tmpfs', flags: MS_NOSUID | MS_NOEXEC, data: 'mode=755' });
	linux.mknod({ path: `${root}/dev/null`, mode: linux.S_IFCHR | 0o666, device: [1, 3] });
	chmodSync(`${root}/dev/null`, 0o666); // the umask took bits away

	linux.sethostname('by-hand');
	for (const [directory] of limits(basename(work))) writeFileSync(`${directory}/cgroup.procs`, '0'); // 0: whoever writes

	// The old root goes over the new one, and then away: nothing of the host can be named any more.
	process.chdir(root);
	linux.pivotRoot('.', '.');
	linux.umount2('.', linux.MNT_DETACH);
	process.chdir('/');
	linux.execve(command[0] ?? '/bin/sh', command, { PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin' });
}

const [first, ...rest] = process.argv.slice(2);
if (first === undefined) throw new Error('usage: by-hand ROOTFS [PROGRAM [ARGUMENT…]]');
if (first === '--inside') inside(rest[0] ?? '', rest[1] ?? '', rest.slice(2));
else outside(realpathSync(first), rest.length > 0 ? rest : ['/bin/sh']);
