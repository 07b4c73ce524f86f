import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path/posix';
import { errnoWords } from '../core/errno.ts';
import { stepHint } from '../explain/step-hint.ts';
import { O_DIRECTORY, O_PATH } from '../native/syscalls.ts';
import type { Plan, StepOf } from '../plan/step.ts';
import { type ContainerView, type Found, linkAt, lookAt } from './container-view.ts';
import { interpreterOf } from './interpreter.ts';
import { refusalOf } from './refusal.ts';

const [ENOENT, ENOEXEC, EACCES, ENOTDIR, ELOOP] = [2, 8, 13, 20, 40];
/** As the kernel: a script may name a script, and so on, this often (execve(2)). */
const MAX_INTERPRETERS = 4;
const MACHINES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

export interface Diagnosis {
	readonly message: string;
	readonly hint?: string | undefined;
	/** The file is there, so execve(2) refused it for another reason, such as a missing interpreter. */
	readonly isFound: boolean;
}

/** One cause, as it follows "cannot run FILE: " or "its interpreter FILE ". */
interface Fault {
	readonly words: string;
	readonly hint?: string;
}

export interface FailedExec {
	readonly plan: Plan;
	readonly step: StepOf<'exec'>;
	readonly errno: number;
	/** Pid of init on the host. */
	readonly init: number;
}

/** Says why execve failed, by looking at what init met: it still stands before its program, in its own root. */
export function diagnoseExec({ plan, step, errno, init }: FailedExec): Diagnosis {
	const command = step.argv[0] ?? '';
	const { pid, root } = openRootOf([init, ...targetsOf(plan)]);
	if (root === undefined)
		return { message: `cannot run ${JSON.stringify(command)}: ${errnoWords(errno)}`, isFound: false };
	try {
		const cwd = plan.init.findLast(({ op }) => op === 'chdir') as StepOf<'chdir'> | undefined;
		const view: ContainerView = { root, cwd: cwd?.path ?? '/', init: pid };
		const found = step.paths.map(path => lookAt(view, path)).find(each => each !== undefined);
		if (found === undefined) return { ...notFound(view, step, errno), isFound: false };
		const { words, hint } = faultOf(view, { found, errno });
		return {
			message: `cannot run ${found.path}: ${words}`,
			hint: hint ?? (words === errnoWords(errno) ? stepHint(step, errno) : undefined),
			isFound: true,
		};
	} finally {
		closeSync(root);
	}
}

/** A process with a terminal is gone with it; that it was added to has the same root. */
const targetsOf = ({ setup }: Plan): readonly number[] =>
	setup.flatMap(step => (step.op === 'openTarget' ? [Number(step.pid)] : []));

function openRootOf([pid = 0, ...others]: readonly number[]): { readonly pid: number; readonly root?: number } {
	try {
		return { pid, root: openSync(`/proc/${pid}/root`, O_PATH | O_DIRECTORY) };
	} catch {
		return others.length === 0 ? { pid } : openRootOf(others);
	}
}

function notFound(view: ContainerView, step: StepOf<'exec'>, errno: number): Omit<Diagnosis, 'isFound'> {
	const command = step.argv[0] ?? '';
	if (!command.includes('/')) {
		const searched = step.paths.map(path => path.slice(0, -command.length - 1) || '.').join(':');
		return { message: `command ${JSON.stringify(command)} not found in the container`, hint: `PATH was ${searched}` };
	}
	const target = linkAt(view, command);
	if (target !== undefined) {
		const where = errno === ELOOP ? 'in a circle' : 'to nothing in the container';
		return {
			message: `cannot run ${command}: it is a symbolic link that leads ${where}`,
			hint: `its target is ${target}`,
		};
	}
	return {
		message: `no such file in the container: ${command}`,
		hint:
			errno === ENOTDIR
				? 'a part of its path is a file'
				: command.startsWith('/')
					? 'the path is looked up in the image and its mounts, not on the host'
					: `a relative path counts from the working directory, ${view.cwd}`,
	};
}

interface Attempt {
	readonly found: Found;
	readonly errno: number;
	readonly depth?: number;
}

function faultOf(view: ContainerView, { found, errno, depth = 0 }: Attempt): Fault {
	if (found.kind === 'directory') return { words: 'it is a directory' };
	if (found.kind === 'other') return { words: 'it is not a regular file' };
	const refusal = refusalOf(view, found);
	if (refusal !== undefined) return refusal;
	const interpreter = interpreterOf(found.head);
	if (interpreter.kind === 'unknown') return errno === ENOEXEC ? unknownFormat(found) : { words: errnoWords(errno) };
	if (interpreter.kind === 'elf' && interpreter.path === undefined) return programFault(interpreter.machine, errno);
	const path = interpreter.path ?? '';
	const word = interpreter.kind === 'script' ? 'interpreter' : 'loader';
	const next = path === '' ? undefined : lookAt(view, path);
	if (next === undefined) return interpreter.kind === 'script' ? missingInterpreter(path) : missingLoader(path);
	if (depth < MAX_INTERPRETERS && [ENOENT, ENOEXEC, EACCES].includes(errno)) {
		const inner = faultOf(view, { found: next, errno, depth: depth + 1 });
		if (inner.words !== errnoWords(errno))
			return { ...inner, words: `its ${word} ${path} cannot be run: ${inner.words}` };
	}
	return interpreter.kind === 'elf' ? programFault(interpreter.machine, errno) : { words: errnoWords(errno) };
}

function missingInterpreter(path: string): Fault {
	if (path.endsWith('\r')) {
		return {
			words: 'its first line ends with a carriage return, which the kernel takes as part of the interpreter’s name',
			hint: 'it has the line ends of Windows: convert them with dos2unix or sed -i "s/\\r$//"',
		};
	}
	if (path === '') return { words: 'its first line is #! without an interpreter' };
	return {
		words: `its interpreter ${path} is missing in the container`,
		hint: 'install it in the image, or correct the first line of the script',
	};
}

function missingLoader(path: string): Fault {
	return {
		words: `its loader ${path} is missing in the container`,
		hint: 'the program is linked against a C library that the image does not have: add it, or link statically',
	};
}

function programFault(machine: string, errno: number): Fault {
	if (errno !== ENOEXEC) return { words: errnoWords(errno) };
	const host = MACHINES[process.arch] ?? process.arch;
	if (machine === host)
		return { words: 'it is a damaged program', hint: 'compare it with the file that the image was made from' };
	return {
		words: `it is built for ${machine}, and this machine is ${host}`,
		hint: `choose an image for this machine with --platform linux/${host}, or install an emulator in binfmt_misc`,
	};
}

function unknownFormat({ path, head }: Found): Fault {
	if (head.length === 0) return { words: 'it is empty' };
	if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) {
		return {
			words: 'it begins with a byte order mark, so the kernel does not see its #!',
			hint: 'save it without the mark',
		};
	}
	return {
		words: 'it is neither a program nor a script with #! in its first line',
		hint: `give it a first line such as #!/bin/sh, or run it by its shell: sh ${join('/', path)}`,
	};
}
