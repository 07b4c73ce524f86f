import type { Path } from './addon.ts';
import { call } from './call.ts';
import { checkNumber, checkText } from './check-argument.ts';
import { pathWord } from './path-word.ts';
import { perform } from './perform.ts';

/**
 * unshare(2): moves the main thread of this process into new namespaces; with CLONE_NEWPID, the children that it will make.
 * Node's other threads stay behind, and with them whatever is asynchronous: use the `…Sync` calls of node:fs afterwards.
 * CLONE_NEWUSER is EINVAL in a process with threads: give it to `spawnIn`.
 */
export function unshare(flags: number): void {
	checkNumber('unshare', 'flags', flags);
	perform(call('unshare', flags), 'unshare', { flags });
}

/**
 * setns(2): moves the main thread of this process into the namespace that a descriptor of /proc/<pid>/ns/… stands for, or into
 * several of the process that a pidfd stands for.
 * A mount namespace needs `unshare(CLONE_FS)` before; a user namespace is EINVAL in a process with threads.
 * @param type CLONE_NEW*: which the descriptor must then be of, 0 for any; of a pidfd, those to enter
 */
export function setns(fd: number, type = 0): void {
	checkNumber('setns', 'fd', fd);
	checkNumber('setns', 'type', type);
	perform(call('setns', fd, type), 'setns', { fd, type });
}

/** sethostname(2), of the UTS namespace of the main thread. */
export function sethostname(name: string): void {
	checkText('sethostname', 'name', name);
	perform(call('sethostname', name, Buffer.byteLength(name)), 'sethostname', { name });
}

/** setdomainname(2), the NIS domain of the UTS namespace of the main thread. */
export function setdomainname(name: string): void {
	checkText('setdomainname', 'name', name);
	perform(call('setdomainname', name, Buffer.byteLength(name)), 'setdomainname', { name });
}

/**
 * pivot_root(2): `newRoot`, a mount point, becomes the root of the mount namespace, and the old root is mounted at `putOld`.
 * Both may be `.`: then the old root lies over the new one, and `umount2('.', MNT_DETACH)` takes it away.
 */
export function pivotRoot(newRoot: Path, putOld: Path): void {
	checkText('pivotRoot', 'newRoot', newRoot);
	checkText('pivotRoot', 'putOld', putOld);
	perform(call('pivot_root', pathWord(newRoot), pathWord(putOld)), 'pivot_root', { newRoot, putOld });
}

/** chroot(2). The working directory stays where it is: change it as well. */
export function chroot(path: Path): void {
	checkText('chroot', 'path', path);
	perform(call('chroot', pathWord(path)), 'chroot', { path });
}
