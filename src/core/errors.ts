/** Exit codes of the command line, as docker and podman use them. */
export const EXIT_TSRUN_FAILED = 125;
export const EXIT_CANNOT_INVOKE = 126;
export const EXIT_NOT_FOUND = 127;
/** 128 + signal number: the payload was ended by a signal. */
export const EXIT_SIGNAL_BASE = 128;

export interface TsrunErrorOptions {
	/** What to try, or the cause that was found by checking. One clause. */
	readonly hint?: string;
	/** Process exit code; {@link EXIT_TSRUN_FAILED} unless told. */
	readonly exitCode?: number;
	readonly cause?: unknown;
}

/**
 * An error that a user can meet. `code` is public contract (`TSRUN_…`); `message` is one lower-case clause that names the
 * object, with the kernel's word last. A bug is a plain `Error` instead.
 */
export class TsrunError extends Error {
	override readonly name: string = 'TsrunError';
	readonly code: `TSRUN_${string}`;
	readonly hint: string | undefined;
	readonly exitCode: number;

	constructor(code: `TSRUN_${string}`, message: string, options: TsrunErrorOptions = {}) {
		super(message, options.cause === undefined ? undefined : { cause: options.cause });
		this.code = code;
		this.hint = options.hint;
		this.exitCode = options.exitCode ?? EXIT_TSRUN_FAILED;
	}
}
