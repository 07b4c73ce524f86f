/** What the kernel would load to run a file, as its first bytes tell. */
export type Interpreter =
	| { readonly kind: 'script'; readonly path: string }
	/** `path` is absent for a static program. */
	| { readonly kind: 'elf'; readonly path?: string; readonly machine: string }
	| { readonly kind: 'unknown' };

const PT_INTERP = 3;
/** e_machine of elf(5). */
const MACHINES: Readonly<Record<number, string>> = {
	3: 'i386',
	40: 'arm',
	62: 'amd64',
	183: 'arm64',
	21: 'ppc64le',
	22: 's390x',
	243: 'riscv64',
};

/** Reads `#!` (execve(2), "Interpreter scripts") or the PT_INTERP of a 64-bit little-endian ELF file (elf(5)). */
export function interpreterOf(head: Uint8Array): Interpreter {
	const view = Buffer.from(head.buffer, head.byteOffset, head.byteLength);
	if (view.toString('latin1', 0, 2) === '#!')
		return { kind: 'script', path: scriptInterpreter(view.toString('utf8', 2)) };
	if (view.length < 64 || view.toString('latin1', 0, 4) !== '\x7fELF') return { kind: 'unknown' };
	const machine = MACHINES[view.readUInt16LE(18)] ?? `machine ${view.readUInt16LE(18)}`;
	const path = view[4] === 2 ? programInterpreter(view) : undefined;
	return { kind: 'elf', machine, ...(path === undefined ? {} : { path }) };
}

/** Spaces and tabs are all that the kernel skips and splits at: a carriage return belongs to the name. */
function scriptInterpreter(text: string): string {
	return /^[ \t]*([^ \t\n\0]*)/.exec(text)?.[1] ?? '';
}

function programInterpreter(view: Buffer): string | undefined {
	const [offset, size, count] = [Number(view.readBigUInt64LE(32)), view.readUInt16LE(54), view.readUInt16LE(56)];
	for (let index = 0; index < count; index++) {
		const header = offset + index * size;
		if (header + 40 > view.length) return undefined;
		if (view.readUInt32LE(header) !== PT_INTERP) continue;
		const [start, length] = [Number(view.readBigUInt64LE(header + 8)), Number(view.readBigUInt64LE(header + 32))];
		if (start + length > view.length || length < 2) return undefined;
		return view.toString('utf8', start, start + length - 1);
	}
	return undefined;
}
