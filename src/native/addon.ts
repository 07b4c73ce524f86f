/** A path or a name as the kernel takes it: bytes without NUL; a string stands for its UTF-8 bytes. */
export type Path = string | Uint8Array;

/**
 * One argument of a system call: an integer; undefined for 0 or NULL; of a string without NUL the address of a copy that ends
 * with NUL; of bytes their own address, and the call may fill them; of an array the address of its words, with a 0 after the
 * last one, which makes it an argv, or a structure of 64-bit fields.
 */
export type Word = number | string | undefined | NodeJS.ArrayBufferView | readonly Word[];

export type Words = readonly [Word?, Word?, Word?, Word?, Word?, Word?];

export type NumberedCall = readonly [number: number, ...words: Words];

/** The functions of native/addon.c. Each returns what the call returned, or -errno; undefined where an argument is no word. */
export interface Addon {
	syscall(...call: NumberedCall): number | undefined;
	/**
	 * clone(2) with these flags and SIGCHLD. The child makes the calls one after the other, the last one execve; where one fails,
	 * it writes the call's index and errno, two 32-bit integers, to the descriptor `report`, and exits.
	 */
	clone(flags: number, calls: readonly NumberedCall[], report: number): number | undefined;
}
