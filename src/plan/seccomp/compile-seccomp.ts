import { TsrunError } from '../../core/errors.ts';
import type { Seccomp } from '../../oci/runtime-spec.ts';
import { PERMISSIVE_DEFAULTS, RET_ENOSYS, RET_KILL_PROCESS, RET_NOTIFY, returnValue } from './actions.ts';
import { type AbiShape, type Machine, machinesOf, X32_BASE } from './architectures.ts';
import { BPF_JUMP_EQUAL, type BpfAssembler, bpfAssembler, type Label } from './bpf-assembler.ts';
import type { Chain } from './chains.ts';
import { emitCondition } from './emit-condition.ts';
import { emitSearch, type Segment } from './emit-search.ts';
import { filterFlags } from './filter-flags.ts';
import { parseRules } from './parse-rules.ts';
import { type Policy, policiesOf } from './policies.ts';
import { type Verdict, verdictsOf } from './verdicts.ts';

export interface SeccompTarget {
	readonly arch: 'x64' | 'arm64';
	/** JSON pointer of the profile in config.json, for errors. */
	readonly pointer: string;
}

export interface SeccompFilter {
	/** `struct sock_filter[]`, little endian. */
	readonly filter: Uint8Array;
	/** SECCOMP_FILTER_FLAG_*. */
	readonly flags: number;
}

/** BPF_MAXINSNS (linux/bpf_common.h). */
const MAX_INSTRUCTIONS = 4096;
/** Offsets in `struct seccomp_data` (seccomp(2)). */
const NUMBER_OFFSET = 0;
const ARCH_OFFSET = 4;
/** What a tracer writes to skip a call; not a number of x32, though it has the bit. */
const SKIPPED = 0xffff_ffff;

/**
 * Compiles the profile of config-linux.md, "Seccomp", to the filter that the kernel runs at each system call.
 *
 * - A system call of an architecture that the profile does not list kills the process; the host's own is always in.
 * - Names that an architecture does not have are ignored there.
 * - Where the default denies, a number above the largest one that the profile names returns ENOSYS: programs probe for new
 *   calls and take ENOSYS, not EPERM, for an answer. runc does the same. Private calls of arm do not count as large.
 * - A default of NOTIFY is refused, since then no call of the start of the payload gets an answer.
 * @throws TsrunError TSRUN_BAD_SECCOMP
 */
export function compileSeccomp(profile: Seccomp, { arch, pointer }: SeccompTarget): SeccompFilter {
	const defaultAction = returnValue({
		action: profile.defaultAction,
		errnoRet: profile.defaultErrnoRet,
		actionPointer: `${pointer}/defaultAction`,
		errnoPointer: `${pointer}/defaultErrnoRet`,
	});
	if (defaultAction === RET_NOTIFY) {
		throw new TsrunError(
			'TSRUN_BAD_SECCOMP',
			`seccomp action SCMP_ACT_NOTIFY at ${pointer}/defaultAction is no default`,
		);
	}
	const machines = machinesOf(profile.architectures ?? [], arch, pointer);
	const rules = parseRules(profile.syscalls ?? [], pointer);
	const notifies = rules.some(({ action }) => action === RET_NOTIFY);
	const flags = filterFlags(profile.flags, notifies, pointer);

	const program = bpfAssembler();
	const unlisted = PERMISSIVE_DEFAULTS.includes(profile.defaultAction) ? defaultAction : RET_ENOSYS;
	emitMachines(program, machines, { policies: policiesOf(rules, defaultAction), defaultAction, unlisted });
	if (program.length > MAX_INSTRUCTIONS) {
		throw new TsrunError(
			'TSRUN_BAD_SECCOMP',
			`seccomp profile at ${pointer} needs ${program.length} instructions, the kernel takes ${MAX_INSTRUCTIONS}`,
			{ hint: 'merge rules with arguments, or list fewer architectures' },
		);
	}
	return { filter: program.bytes(), flags };
}

interface Judgement {
	readonly policies: ReadonlyMap<string, Policy>;
	readonly defaultAction: number;
	/** For numbers above the largest that the profile names. */
	readonly unlisted: number;
}

function emitMachines(program: BpfAssembler, machines: readonly Machine[], judgement: Judgement): void {
	let next = program.ret(RET_KILL_PROCESS);
	for (const machine of machines.toReversed()) {
		const yes = emitMachine(program, machine, judgement);
		next = program.jump(BPF_JUMP_EQUAL, machine.audit, { yes, no: next });
	}
	program.load(ARCH_OFFSET, next);
}

function emitMachine(program: BpfAssembler, { abis }: Machine, judgement: Judgement): Label {
	const segments = abis.flatMap(shape => abiSegments(program, shape, judgement));
	// x32 shares the machine of x86_64: where the profile leaves it out, its numbers are foreign
	if (abis.length === 1 && abis[0]?.abi === 'x86_64') {
		const inner = segments.filter(({ start }) => start < X32_BASE);
		inner.push({ start: X32_BASE, target: program.ret(RET_KILL_PROCESS) });
		inner.push({ start: SKIPPED, target: program.ret(judgement.defaultAction) });
		return program.load(NUMBER_OFFSET, emitSearch(program, inner));
	}
	return program.load(NUMBER_OFFSET, emitSearch(program, segments));
}

/** Where each number of one ABI leads, from the ABI's base up. */
function abiSegments(program: BpfAssembler, shape: AbiShape, judgement: Judgement): readonly Segment[] {
	const { numbers, verdicts, last } = verdictsOf(judgement.policies, shape);
	const labels = new Map<Verdict, Label>();
	const labelOf = (verdict: Verdict): Label => {
		const label =
			typeof verdict === 'number'
				? program.ret(verdict)
				: (labels.get(verdict) ??
					emitChain(program, verdict, { bits: shape.bits, defaultAction: judgement.defaultAction }));
		labels.set(verdict, label);
		return label;
	};
	// a profile that names no call of this ABI does not tell how new it is
	const isListed = (number: number): boolean => last < 0 || number <= last;

	const segments: Segment[] = [];
	let current: Verdict | undefined;
	const add = (start: number, verdict: Verdict): void => {
		if (verdict === current) return;
		current = verdict;
		segments.push({ start: start + shape.base, target: labelOf(verdict) });
	};
	const fill = (from: number, to: number): void => {
		if (from >= to) return;
		add(from, isListed(from) ? judgement.defaultAction : judgement.unlisted);
		if (isListed(from) && !isListed(to - 1)) add(last + 1, judgement.unlisted);
	};
	let next = 0;
	for (let index = 0; index < numbers.length; index++) {
		const number = numbers[index] as number;
		fill(next, number);
		add(number, verdicts[index] as Verdict);
		next = number + 1;
	}
	fill(next, Number.POSITIVE_INFINITY);
	return segments;
}

function emitChain(
	program: BpfAssembler,
	chain: Chain,
	{ bits, defaultAction }: { readonly bits: 32 | 64; readonly defaultAction: number },
): Label {
	let no = program.ret(defaultAction);
	for (const { action, conditions } of chain.toReversed()) {
		let yes = program.ret(action);
		for (const condition of conditions.toReversed()) yes = emitCondition(program, condition, { bits, yes, no });
		no = yes;
	}
	return no;
}
