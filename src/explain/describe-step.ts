import { type ArgKind, OPS, type OpName } from '../plan/op-table.ts';
import type { Step } from '../plan/step.ts';
import { type Argument, argumentText } from './argument-text.ts';

/** Trailing arguments that say nothing when they are empty. */
const SILENT_WHEN_EMPTY: Readonly<Partial<Record<OpName, readonly string[]>>> = {
	mount: ['data'],
	mountInRoot: ['data', 'resolve'],
	tmpfsInRoot: ['data', 'copy'],
	clone3: ['cgroup'],
	seccomp: ['flags'],
	prctl: ['arg3'],
};

/** The step as one call: `mount("proc", "/proc", "proc", MS_NOSUID|MS_NODEV|MS_NOEXEC)`. */
export function describeStep(step: Step): string {
	const args = argumentsOf(step);
	const silent = SILENT_WHEN_EMPTY[step.op] ?? [];
	const last = args.findLastIndex(({ name, value }) => !(silent.includes(name) && isEmpty(value)));
	const shown = args.slice(0, last + 1).map(({ name, kind, value }) => argumentText(step.op, name, { kind, value }));
	return `${callName(step.op)}(${shown.join(', ')})`;
}

interface NamedArgument {
	readonly name: string;
	readonly kind: ArgKind;
	readonly value: Argument;
}

/** The arguments of a step in the order of the table of operations. */
export function argumentsOf(step: Step): readonly NamedArgument[] {
	const shape: Readonly<Record<string, ArgKind>> = OPS[step.op].args;
	const values = step as unknown as Readonly<Record<string, Argument>>;
	return Object.entries(shape).map(([name, kind]) => ({ name, kind, value: values[name] ?? '' }));
}

/** `pivotRoot` is pivot_root(2); an operation below the root of the container bears the name of its call. */
export function callName(op: OpName): string {
	return op.replace(/InRoot$/, '').replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`);
}

function isEmpty(value: Argument): boolean {
	return value === '' || value === 0 || value === 0n;
}
