/** What the kernel shows a filter of one system call. */
export interface SeccompData {
	readonly arch: number;
	readonly nr: number;
	readonly args?: readonly bigint[];
}

const LOAD_WORD = 0x20;
const JUMP = 0x05;
const RETURN = 0x06;
const AND = 0x54;

/** Compares by BPF code; x is the constant of the instruction. */
const COMPARE: Readonly<Record<number, (a: number, k: number) => boolean>> = {
	21: (a, k) => a === k,
	37: (a, k) => a > k,
	53: (a, k) => a >= k,
	69: (a, k) => (a & k) !== 0,
};

/**
 * Runs a classic BPF program as the kernel would, with the checks of its verifier that matter here: every jump stays inside,
 * every path ends in a return, every load is a word of seccomp_data.
 */
export function runFilter(filter: Uint8Array, { arch, nr, args = [] }: SeccompData): number {
	const data = new DataView(new ArrayBuffer(64));
	data.setUint32(0, nr, true);
	data.setUint32(4, arch, true);
	args.forEach((value, index) => {
		data.setBigUint64(16 + 8 * index, value, true);
	});
	const program = new DataView(filter.buffer, filter.byteOffset, filter.byteLength);
	let a = 0;
	for (let at = 0; at < filter.byteLength; at += 8) {
		const code = program.getUint16(at, true);
		const k = program.getUint32(at + 4, true);
		const compare = COMPARE[code];
		if (compare !== undefined) at += 8 * program.getUint8(at + (compare(a, k) ? 2 : 3));
		else if (code === LOAD_WORD) a = data.getUint32(checkedOffset(k), true);
		else if (code === AND) a = (a & k) >>> 0;
		else if (code === JUMP) at += 8 * k;
		else if (code === RETURN) return k;
		else throw new Error(`BPF code ${code} at ${at / 8} is not for seccomp`);
	}
	throw new Error('the program runs past its end');
}

function checkedOffset(offset: number): number {
	if (offset % 4 !== 0 || offset > 60) throw new Error(`load at ${offset} is outside seccomp_data`);
	return offset;
}
