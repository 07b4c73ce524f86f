import { BPF_JUMP_EQUAL, BPF_JUMP_GREATER_EQUAL, type BpfAssembler, type Label } from './bpf-assembler.ts';

/** From `start` up to the next segment's start, the loaded word leads to `target`. */
export interface Segment {
	readonly start: number;
	readonly target: Label;
}

/**
 * Emits a binary search for the segment that holds the loaded word. Segments are in ascending order and the first starts at
 * 0, so that every 32-bit word has a target.
 */
export function emitSearch(program: BpfAssembler, segments: readonly Segment[]): Label {
	const merged = segments.filter(({ target }, index) => index === 0 || segments[index - 1]?.target !== target);
	return searchBetween(program, merged, { from: 0, to: merged.length });
}

function searchBetween(
	program: BpfAssembler,
	segments: readonly Segment[],
	{ from, to }: { readonly from: number; readonly to: number },
): Label {
	const first = segments[from] as Segment;
	if (to - from === 1) return first.target;
	const single = segments[from + 1] as Segment;
	const after = segments[from + 2];
	if (to - from === 3 && after?.target === first.target && after.start === single.start + 1) {
		return program.jump(BPF_JUMP_EQUAL, single.start, { yes: single.target, no: first.target });
	}
	const middle = (from + to) >> 1;
	const yes = searchBetween(program, segments, { from: middle, to });
	const no = searchBetween(program, segments, { from, to: middle });
	return program.jump(BPF_JUMP_GREATER_EQUAL, (segments[middle] as Segment).start, { yes, no });
}
