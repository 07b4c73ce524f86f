import type { Seccomp } from '../../oci/runtime-spec.ts';
import { integer, list, object, optional, required, type Shape, text, word } from './shape.ts';

const errno = optional(integer(0, 4095));

/** Some tools write a whole double where libseccomp wants 64 bits; a number above 2^53 is as exact as JSON has it. */
const value = integer(0, 2 ** 64);

export const SECCOMP_RULE_FIELDS = {
	action: required(text),
	errnoRet: errno,
	args: optional(
		list(
			object({
				index: required(integer(0, 5)),
				value: required(value),
				valueTwo: optional(value),
				op: required(text),
			}),
			6 * 64,
		),
	),
};

/** config-linux.md, "Seccomp"; the words for actions, operators and architectures are the compiler's to know. */
export const SECCOMP_SHAPE: Shape<Seccomp> = object({
	defaultAction: required(text),
	defaultErrnoRet: errno,
	architectures: optional(list(text)),
	flags: optional(list(text)),
	listenerPath: word,
	listenerMetadata: word,
	syscalls: optional(list(object({ names: required(list(text)), ...SECCOMP_RULE_FIELDS }))),
});
