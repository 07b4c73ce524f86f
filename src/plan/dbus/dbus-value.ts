/**
 * A value of D-Bus, whose type is told by a signature beside it: numbers of 64 bits are bigint, an array of bytes is bytes, a
 * structure or a dictionary entry is an array of its fields.
 */
export type DbusValue = boolean | number | bigint | string | Uint8Array | Variant | readonly DbusValue[];

/** A value that has its type with it. */
export interface Variant {
	/** One complete type: `t`, `a(ss)`. */
	readonly signature: string;
	readonly value: DbusValue;
}
