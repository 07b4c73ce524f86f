import { type Dirent, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { RunOptions } from '../spec/run-options.ts';

/** Directories of /dev that hold no devices of the host, or those of other sessions. */
const LEFT_OUT = ['/dev/pts', '/dev/shm', '/dev/fd', '/dev/mqueue', '/dev/hugepages'];

/** Host paths that may be devices the flags ask for: each `--device`, what is below a directory of them, all with --privileged. */
export function listDevices({ privileged, devices }: RunOptions): readonly string[] {
	const asked = devices.flatMap(({ source }) => [source, ...below(source)]);
	return privileged ? [...new Set([...below('/dev'), ...asked])] : asked;
}

function below(directory: string): readonly string[] {
	if (LEFT_OUT.includes(directory)) return [];
	return entriesOf(directory).flatMap(entry => {
		const path = join(directory, entry.name);
		return entry.isDirectory() ? below(path) : entry.isSymbolicLink() ? [] : [path];
	});
}

/** None of what is no directory, and of one that this user may not read. */
function entriesOf(directory: string): readonly Dirent[] {
	try {
		return readdirSync(directory, { withFileTypes: true });
	} catch {
		return [];
	}
}
