import { readdirSync, statSync } from 'node:fs';
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
	if (LEFT_OUT.includes(directory) || !isDirectory(directory)) return [];
	return readdirSync(directory, { withFileTypes: true }).flatMap(entry => {
		const path = join(directory, entry.name);
		return entry.isDirectory() ? below(path) : entry.isSymbolicLink() ? [] : [path];
	});
}

function isDirectory(path: string): boolean {
	return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
