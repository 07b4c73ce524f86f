import type { ArgKind, OPS, OpName } from './op-table.ts';

type ArgValue<K extends ArgKind> = K extends 'int'
	? number | bigint
	: K extends 'str'
		? string
		: K extends 'bytes'
			? string | Uint8Array
			: readonly string[];

type ArgsOf<O extends OpName> = {
	readonly [A in keyof (typeof OPS)[O]['args']]: (typeof OPS)[O]['args'][A] extends ArgKind
		? ArgValue<(typeof OPS)[O]['args'][A]>
		: never;
};

export interface StepNotes {
	/** Why the step is there: one clause, for people. */
	readonly why: string;
	/** JSON pointer (RFC 6901) into config.json, where a field asked for the step. */
	readonly from?: string;
	/** errnos that count as success: at most four. */
	readonly tolerate?: readonly number[];
	/** In `teardown`: the step runs only when setup has begun the step of this index. */
	readonly after?: number;
	/** The phase that `tsrun plan` groups the step under. */
	readonly phase: Phase;
}

export const PHASES = [
	'snapshot',
	'cgroup',
	'namespaces',
	'mounts',
	'devices',
	'network',
	'identity',
	'security',
	'process',
	'exec',
	'supervise',
	'teardown',
] as const;
export type Phase = (typeof PHASES)[number];

/** One step: one system call, or one named inseparable sequence of {@link OPS}. */
export type Step = { [O in OpName]: { readonly op: O } & ArgsOf<O> & StepNotes }[OpName];

/** The step of one operation. */
export type StepOf<O extends OpName> = Extract<Step, { op: O }>;

/**
 * A container as an ordered list of system calls. `setup` runs on the host side, up to and after the `clone` step; `init` in
 * the new process; a `turn` step on either side passes control to the other, so that all steps have one total order.
 * `teardown` runs after the end, or after a failure.
 */
export interface Plan {
	readonly version: 1;
	/** CLONE_* flags of the `clone` step, for readers; 0 where nothing is cloned. */
	readonly cloneFlags: number;
	readonly setup: readonly Step[];
	readonly init: readonly Step[];
	readonly teardown: readonly Step[];
}

export const STEP_LISTS = ['setup', 'init', 'teardown'] as const;
export type StepList = (typeof STEP_LISTS)[number];
