import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compareTrees, readTree } from '../../support/compare-trees.ts';

/** A host directory that no container may change: its hashes, modes, owners, times and attributes are read back. */
export interface Canary {
	readonly dir: string;
	/** One line for each difference to what was made; none is what a test expects. */
	readonly changes: () => readonly string[];
}

/** Has what attacks look for: files and directories with the names of /proc, /dev, /sys and /etc, and a setuid program. */
export function makeCanary(dir: string): Canary {
	for (const folder of ['fs/cgroup', 'self/attr', 'sys/kernel', 'shm', 'pts', 'sub/deep', 'firmware']) {
		mkdirSync(join(dir, folder), { recursive: true });
	}
	for (const file of [
		'hosts',
		'hostname',
		'resolv.conf',
		'kcore',
		'sysrq-trigger',
		'self/attr/exec',
		'sub/deep/file',
	]) {
		writeFileSync(join(dir, file), `canary ${file}\n`);
	}
	writeFileSync(join(dir, 'setuid'), '#!/bin/true\n');
	chownSync(join(dir, 'setuid'), 1234, 4321);
	chmodSync(join(dir, 'setuid'), 0o4711);
	chmodSync(join(dir, 'sub'), 0o750);
	symlinkSync('hosts', join(dir, 'link'));
	execFileSync('setfattr', ['-n', 'trusted.canary', '-v', 'alive', join(dir, 'hosts')]);
	const before = readTree(dir);
	return { dir, changes: () => compareTrees(before, readTree(dir)) };
}
