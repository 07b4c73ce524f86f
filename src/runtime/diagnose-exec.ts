import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import {
	O_DIRECTORY,
	O_NONBLOCK,
	O_PATH,
	O_RDONLY,
	openat2,
	RESOLVE_IN_ROOT,
	RESOLVE_NO_MAGICLINKS,
} from '../native/syscalls.ts';
import type { StepOf } from '../plan/step.ts';
import { interpreterOf } from './interpreter.ts';

const ENOENT = 2;
const EACCES = 13;
const ENOEXEC = 8;
const HEAD_SIZE = 4096;

export interface Diagnosis {
	readonly message: string;
	readonly hint?: string;
}

interface Found {
	readonly path: string;
	readonly isDirectory: boolean;
	readonly mode: number;
	readonly head: Uint8Array;
}

/**
 * Says why execve failed, by looking at what init met: it still stands before its program, in its own root.
 * @param init pid of init on the host
 */
export function diagnoseExec(step: StepOf<'exec'>, errno: number, init: number): Diagnosis {
	const command = step.argv[0] ?? '';
	const root = openRootOf(init);
	if (root === undefined) return { message: `cannot run ${JSON.stringify(command)}` };
	try {
		const found = step.paths.map(path => lookAt(root, path)).find(each => each !== undefined);
		if (found === undefined) return notFound(command, step, errno);
		if (found.isDirectory) return { message: `cannot run ${found.path}: it is a directory` };
		if (errno === EACCES) return notExecutable(found);
		if (errno === ENOENT || errno === ENOEXEC) return badInterpreter(root, found, errno);
		return { message: `cannot run ${found.path}` };
	} finally {
		closeSync(root);
	}
}

function openRootOf(init: number): number | undefined {
	try {
		return openSync(`/proc/${init}/root`, O_PATH | O_DIRECTORY);
	} catch {
		return undefined;
	}
}

function lookAt(root: number, path: string): Found | undefined {
	try {
		const fd = openat2(root, path, { flags: O_RDONLY | O_NONBLOCK, resolve: RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS });
		try {
			const stat = fstatSync(fd);
			const head = new Uint8Array(HEAD_SIZE);
			const length = stat.isFile() ? readSync(fd, head, 0, HEAD_SIZE, 0) : 0;
			return { path, isDirectory: stat.isDirectory(), mode: stat.mode & 0o7777, head: head.subarray(0, length) };
		} finally {
			closeSync(fd);
		}
	} catch {
		return undefined;
	}
}

function notFound(command: string, step: StepOf<'exec'>, errno: number): Diagnosis {
	if (errno === EACCES)
		return { message: `cannot run ${JSON.stringify(command)}: a directory on its path cannot be entered by this user` };
	if (command.includes('/'))
		return {
			message: `no such file in the container: ${command}`,
			hint: 'the path is looked up in the image and its mounts, not on the host',
		};
	const searched = step.paths.map(path => path.slice(0, -command.length - 1) || '.').join(':');
	return { message: `command ${JSON.stringify(command)} not found in the container`, hint: `PATH was ${searched}` };
}

function notExecutable({ path, mode }: Found): Diagnosis {
	const octal = `0${mode.toString(8).padStart(3, '0')}`;
	if ((mode & 0o111) === 0)
		return {
			message: `cannot run ${path}: it has no x permission (mode ${octal})`,
			hint: `chmod +x ${path} in the image`,
		};
	return {
		message: `cannot run ${path}: this user may not execute it (mode ${octal}), or it lies on a mount with noexec`,
	};
}

function badInterpreter(root: number, { path, head }: Found, errno: number): Diagnosis {
	const interpreter = interpreterOf(head);
	if (interpreter.kind === 'script' && lookAt(root, interpreter.path) === undefined) {
		return {
			message: `cannot run ${path}: its interpreter ${interpreter.path} is missing in the container`,
			hint: 'install it in the image, or correct the first line of the script',
		};
	}
	if (interpreter.kind === 'elf' && interpreter.path !== undefined && lookAt(root, interpreter.path) === undefined) {
		return {
			message: `cannot run ${path}: its loader ${interpreter.path} is missing in the container`,
			hint: 'the program is linked against a C library that the image does not have: add it, or link statically',
		};
	}
	if (errno !== ENOEXEC) return { message: `cannot run ${path}` };
	if (interpreter.kind === 'elf')
		return {
			message: `cannot run ${path}: it is built for ${interpreter.machine}`,
			hint: 'choose the image for this machine with --platform',
		};
	return { message: `cannot run ${path}: it is neither a program nor a script with #! in its first line` };
}
