import { readFileSync } from 'node:fs';

const PT_LOAD = 1;
const PT_DYNAMIC = 2;
const PT_INTERP = 3;
const DT_NEEDED = 1;
const DT_STRTAB = 5;
const DT_RPATH = 15;
const DT_RUNPATH = 29;

/**
 * Reads what a program asks of its loader (elf(5)): undefined where the file is no ELF file.
 * A program without `interpreter` and without `needed` is static.
 */
export function readElf(path) {
	const file = readFileSync(path);
	if (file.length < 64 || file.readUInt32BE(0) !== 0x7f454c46) return undefined;
	const reader = fieldReader(file);
	const segments = programHeaders(reader);
	const interp = segments.find(({ type }) => type === PT_INTERP);
	return {
		interpreter: interp && stringAt(file, interp.offset),
		...dynamicSection(reader, segments),
	};
}

/** Numbers in the byte order and word size of the file. */
function fieldReader(file) {
	const isWide = file[4] === 2;
	const isLittle = file[5] === 1;
	const half = at => (isLittle ? file.readUInt16LE(at) : file.readUInt16BE(at));
	const int = at => (isLittle ? file.readUInt32LE(at) : file.readUInt32BE(at));
	const long = at => Number(isLittle ? file.readBigUInt64LE(at) : file.readBigUInt64BE(at));
	return { file, isWide, half, int, word: isWide ? long : int };
}

function programHeaders({ isWide, half, int, word }) {
	const table = word(isWide ? 32 : 28);
	const size = half(isWide ? 54 : 42);
	const count = half(isWide ? 56 : 44);
	return Array.from({ length: count }, (_, index) => {
		const at = table + index * size;
		return isWide
			? { type: int(at), offset: word(at + 8), address: word(at + 16), size: word(at + 32) }
			: { type: int(at), offset: word(at + 4), address: word(at + 8), size: word(at + 16) };
	});
}

function dynamicSection({ file, isWide, word }, segments) {
	const dynamic = segments.find(({ type }) => type === PT_DYNAMIC);
	const width = isWide ? 8 : 4;
	const entries = [];
	for (let at = dynamic?.offset ?? 0, end = at + (dynamic?.size ?? 0); at < end; at += 2 * width) {
		entries.push({ tag: word(at), value: word(at + width) });
	}
	const table = entries.find(({ tag }) => tag === DT_STRTAB)?.value ?? 0;
	const home = segments.find(s => s.type === PT_LOAD && table >= s.address && table < s.address + s.size);
	const strings = wanted =>
		entries
			.filter(({ tag }) => wanted.includes(tag))
			.map(({ value }) => stringAt(file, table - (home?.address ?? 0) + (home?.offset ?? 0) + value));
	return {
		needed: strings([DT_NEEDED]),
		runpath: strings([DT_RPATH, DT_RUNPATH]).flatMap(paths => paths.split(':')),
	};
}

function stringAt(file, at) {
	return file.toString('latin1', at, file.indexOf(0, at));
}
