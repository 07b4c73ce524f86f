import { TsrunError } from '../core/errors.ts';
import type { NumberedCall, Word, Words } from './addon.ts';
import { refuse } from './check-argument.ts';
import { addon } from './load-addon.ts';
import { SYSCALL_NUMBERS, type SyscallName } from './syscall-numbers.ts';

/** A system call by its name in the manual. */
export type NamedCall = readonly [name: SyscallName, ...words: Words];

/** @returns what the call returned, or -errno. @throws TypeError where a word is none, or a string has a NUL */
export function call(name: SyscallName, ...words: Words): number {
	return addon().syscall(numberOf(name), ...words) ?? refuseWords(name, words);
}

/**
 * clone(2): the child makes the calls, the last of which is execve; see the addon's `clone`. It is a copy of this thread alone,
 * so all signals must be blocked: a handler of Node that ran there would write into this process's pipes. CLONE_VM goes with CLONE_VFORK
 * alone: the child has the memory of this thread, which waits.
 */
export function cloneCalling(flags: number, calls: readonly NamedCall[], report: number): number {
	const numbered = calls.map(([name, ...words]): NumberedCall => [numberOf(name), ...words]);
	return addon().clone(flags, numbered, report) ?? refuseWords('clone', [flags, calls.flat(), report]);
}

const column = { x64: 0, arm64: 1 }[process.arch as string];

function numberOf(name: SyscallName): number {
	if (column !== undefined) return SYSCALL_NUMBERS[name][column as 0 | 1];
	throw new TsrunError('TSRUN_NO_ADDON', `tsrun does not know the numbers of system calls on ${process.arch}`);
}

function refuseWords(name: string, words: readonly Word[]): never {
	const index = words.findIndex(word => !isWord(word));
	return refuse(
		name,
		`argument ${index + 1}`,
		'an integer, text without NUL, bytes or an array of these',
		words[index],
	);
}

function isWord(word: unknown): boolean {
	if (typeof word === 'number') return Number.isSafeInteger(word);
	if (typeof word === 'string') return !word.includes('\0');
	return word === undefined || ArrayBuffer.isView(word) || (Array.isArray(word) && word.every(isWord));
}
