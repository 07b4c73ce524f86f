import { describe, expect, it } from 'vitest';
import {
	BPF_JUMP_EQUAL,
	type BpfAssembler,
	bpfAssembler,
	type Label,
} from '../../../../src/plan/seccomp/bpf-assembler.ts';
import { emitSearch } from '../../../../src/plan/seccomp/emit-search.ts';
import { runFilter } from './bpf-interpreter.ts';

/** Instructions that are never run, to put distance between a jump and its target. */
function pad(program: BpfAssembler, count: number): void {
	for (let index = 0; index < count; index++)
		program.jump(BPF_JUMP_EQUAL, 0, { yes: program.ret(0), no: program.ret(0) });
}

/** A program that comes to 1 where nr is 7, else to 2, with `distance` instructions between. */
function jumpOver(distance: number, near: 'yes' | 'no' | 'neither', isYesFirst: boolean): BpfAssembler {
	const program = bpfAssembler();
	const one = program.ret(1);
	const two = program.ret(2);
	const loads = [isYesFirst ? one : two, isYesFirst ? two : one].map(target => program.load(4, target));
	const [yes, no] = (isYesFirst ? loads : loads.toReversed()) as [Label, Label];
	const before = program.length;
	while (program.length < before + distance) pad(program, 1);
	const close = program.load(0, near === 'yes' ? program.ret(1) : program.ret(2));
	program.load(
		0,
		program.jump(BPF_JUMP_EQUAL, 7, { yes: near === 'yes' ? close : yes, no: near === 'no' ? close : no }),
	);
	return program;
}

describe('bpfAssembler', () => {
	for (const near of ['yes', 'no', 'neither'] as const) {
		it(`reaches its targets over any distance (near: ${near})`, () => {
			for (let distance = 240; distance < 265; distance++) {
				for (const isYesFirst of [true, false]) {
					const filter = jumpOver(distance, near, isYesFirst).bytes();
					expect([7, 8].map(nr => runFilter(filter, { arch: 1, nr }))).toEqual([1, 2]);
				}
			}
		});
	}

	it('ends a jump out of reach with the return itself', () => {
		const program = bpfAssembler();
		const far = program.ret(5);
		for (let index = 0; index < 300; index++) program.load(0, (program.length - 1) as Label);
		program.load(0, program.jump(BPF_JUMP_EQUAL, 7, { yes: far, no: far }));
		// load, jump, the return again; a stone would be one more step for each call
		expect(program.length).toBe(1 + 300 + 1 + 2);
	});

	it('writes struct sock_filter, little endian', () => {
		const program = bpfAssembler();
		const label = program.and(
			0xf00f,
			program.jump(BPF_JUMP_EQUAL, 0x8000_0001, { yes: program.ret(0xffff_ffff), no: program.ret(3) }),
		);
		program.load(60, label);
		expect(Buffer.from(program.bytes()).toString('hex').match(/.{16}/g)).toEqual([
			'200000003c000000',
			'540000000ff00000',
			'1500010001000080',
			'0600000003000000',
			'06000000ffffffff',
		]);
	});
});

describe('emitSearch', () => {
	it('finds the segment of each word, up to the largest', () => {
		const starts = [0, 1, 2, 5, 100, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe, 0xffff_ffff];
		const program = bpfAssembler();
		const segments = starts.map((start, index) => ({ start, target: program.ret(index + 1) }));
		program.load(0, emitSearch(program, segments));
		const filter = program.bytes();
		for (const nr of starts.flatMap(start => [Math.max(start - 1, 0), start, Math.min(start + 1, 0xffff_ffff)])) {
			expect(runFilter(filter, { arch: 0, nr })).toBe(starts.findLastIndex(start => start <= nr) + 1);
		}
	});

	it('needs no comparison where all segments lead to one target', () => {
		const program = bpfAssembler();
		const target = program.ret(1);
		expect(
			emitSearch(
				program,
				[0, 5, 9].map(start => ({ start, target })),
			),
		).toBe(target);
		expect(program.length).toBe(1);
	});
});
