// A file system for one benchmark: ext4 with a journal, in a sparse file. Every store is on it, so that all contestants meet the same
// one, whatever the machine itself has. (An ext4 without a journal, as some virtual machines have, makes each new file pass over
// every inode that was freed within the last minute: after the `rm -rf` of a round that is several seconds, and no engine's own.)
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const GIGABYTES = 24;

/** @returns where it is mounted, and how it goes away again */
export function mountDisk(dir) {
	const file = join(dir, 'disk.img');
	const path = join(dir, 'disk');
	mkdirSync(path, { recursive: true });
	execFileSync('truncate', ['--size', `${GIGABYTES}G`, file]);
	execFileSync('mkfs.ext4', ['-q', '-E', 'lazy_itable_init=1,nodiscard', file]);
	const device = execFileSync('losetup', ['--find', '--show', '--direct-io=on', file], { encoding: 'utf8' }).trim();
	const detach = () => execFileSync('losetup', ['--detach', device]);
	try {
		execFileSync('mount', ['-t', 'ext4', '-o', 'noinit_itable', device, path]);
	} catch (error) {
		detach();
		throw error;
	}
	return {
		path,
		unmount: () => {
			execFileSync('umount', [path]);
			detach();
			rmSync(file);
		},
	};
}
