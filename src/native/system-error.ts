import { errnoName, errnoWords } from '../core/errno.ts';

/** The arguments of a call, by name. */
export type CallArguments = Readonly<Record<string, unknown>>;

/**
 * A system call that failed. `code` is the name of the errno (`ENOENT`), `errno` its number, positive; `syscall` the name as
 * in the manual; `args` what it was called with.
 */
export class SystemError extends Error {
	override readonly name = 'SystemError';
	readonly code: string;
	readonly errno: number;
	readonly syscall: string;
	readonly args: CallArguments;

	constructor(errno: number, syscall: string, args: CallArguments) {
		super(`${syscall}(${wordArguments(args)}): ${errnoName(errno)}, ${errnoWords(errno)}`);
		this.code = errnoName(errno);
		this.errno = errno;
		this.syscall = syscall;
		this.args = args;
	}
}

function wordArguments(args: CallArguments): string {
	return Object.entries(args)
		.filter(([, value]) => value !== undefined)
		.map(([name, value]) => `${name} ${wordValue(name, value)}`)
		.join(', ');
}

function wordValue(name: string, value: unknown): string {
	if (typeof value === 'bigint') return `0x${value.toString(16)}`;
	if (typeof value === 'number' && name === 'mode') return `0o${value.toString(8)}`;
	if (typeof value === 'number' && ['flags', 'resolve', 'seals'].includes(name)) return `0x${value.toString(16)}`;
	if (value instanceof Uint8Array && name !== 'value') return JSON.stringify(Buffer.from(value).toString());
	if (value instanceof Uint8Array) return `${value.length} bytes`;
	return JSON.stringify(value);
}
