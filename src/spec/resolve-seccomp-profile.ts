import { TsrunError } from '../core/errors.ts';
import type { Seccomp, SeccompRule } from '../oci/runtime-spec.ts';
import { SECCOMP_RULE_FIELDS } from './validate/seccomp-shape.ts';
import { integer, list, object, optional, required, text } from './validate/shape.ts';

export interface SeccompContext {
	/** The file, for messages. */
	readonly name: string;
	readonly capabilities: readonly string[];
	readonly arch: 'x64' | 'arm64';
	readonly kernel: { readonly major: number; readonly minor: number };
}

const names = optional(list(text));
const CONDITION = object({ caps: names, arches: names, minKernel: optional(text) });
const RULE = object({
	name: optional(text),
	names,
	includes: optional(CONDITION),
	excludes: optional(CONDITION),
	...SECCOMP_RULE_FIELDS,
});
const PROFILE = object({
	defaultAction: required(text),
	defaultErrnoRet: optional(integer(0, 4095)),
	architectures: names,
	archMap: optional(list(object({ architecture: required(text), subArchitectures: names }))),
	flags: names,
	syscalls: optional(list(RULE)),
});

/** Go's names, which profiles use, and libseccomp's. */
const ARCH = {
	x64: { go: 'amd64', scmp: 'SCMP_ARCH_X86_64' },
	arm64: { go: 'arm64', scmp: 'SCMP_ARCH_AARCH64' },
} as const;

/**
 * Reads a profile in docker's format (or the runtime specification's, which it contains) and decides its `includes`, `excludes` and
 * `archMap` for one container on one host.
 * @throws TsrunError TSRUN_BAD_SECCOMP_PROFILE naming the file and the place in it
 */
export function resolveSeccompProfile(profile: unknown, context: SeccompContext): Seccomp {
	try {
		return resolve(profile, context);
	} catch (cause) {
		if (!(cause instanceof TsrunError) || cause.code !== 'TSRUN_BAD_CONFIG') throw cause;
		throw badProfile(context.name, cause.message.replace(/^config\.json /, 'is not valid at '));
	}
}

function resolve(profile: unknown, context: SeccompContext): Seccomp {
	const { archMap, syscalls, ...rest } = PROFILE(profile, '');
	if (archMap !== undefined && rest.architectures !== undefined) {
		throw badProfile(context.name, 'has both architectures and archMap');
	}
	const mapped = archMap?.find(({ architecture }) => architecture === ARCH[context.arch].scmp);
	const architectures =
		mapped === undefined ? {} : { architectures: [mapped.architecture, ...(mapped.subArchitectures ?? [])] };
	return {
		...rest,
		...architectures,
		syscalls: (syscalls ?? []).flatMap((rule, index) => resolveRule(rule, index, context)),
	};
}

function resolveRule(
	{ name, names: many, includes, excludes, ...rule }: ReturnType<typeof RULE>,
	index: number,
	context: SeccompContext,
): readonly SeccompRule[] {
	if (name !== undefined && many !== undefined && many.length > 0) {
		throw badProfile(context.name, `has both name and names at /syscalls/${index}`);
	}
	if (includes !== undefined && !isIncluded(includes, context)) return [];
	if (excludes !== undefined && isExcluded(excludes, context)) return [];
	return [{ names: name === undefined ? (many ?? []) : [name], ...rule }];
}

type Condition = ReturnType<typeof CONDITION>;

/** Every condition that is there holds. */
function isIncluded({ caps = [], arches = [], minKernel }: Condition, context: SeccompContext): boolean {
	return (
		caps.every(name => context.capabilities.includes(name)) &&
		(arches.length === 0 || arches.includes(ARCH[context.arch].go)) &&
		(minKernel === undefined || isAtLeast(minKernel, context))
	);
}

/** Any condition that is there holds. */
function isExcluded({ caps = [], arches = [], minKernel }: Condition, context: SeccompContext): boolean {
	return (
		caps.some(name => context.capabilities.includes(name)) ||
		arches.includes(ARCH[context.arch].go) ||
		(minKernel !== undefined && isAtLeast(minKernel, context))
	);
}

function isAtLeast(version: string, { kernel, name }: SeccompContext): boolean {
	const match = /^(\d{1,4})\.(\d{1,4})$/.exec(version);
	if (match === null) throw badProfile(name, `has a minKernel that is not like 4.8, ${JSON.stringify(version)}`);
	const [major, minor] = [Number(match[1]), Number(match[2])];
	return kernel.major > major || (kernel.major === major && kernel.minor >= minor);
}

function badProfile(name: string, problem: string): TsrunError {
	return new TsrunError('TSRUN_BAD_SECCOMP_PROFILE', `seccomp profile ${name} ${problem}`);
}
