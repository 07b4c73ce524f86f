import type { LayerEntry } from './layer-entry.ts';

/** What an archive says of a file; names and targets are bytes, held as latin-1. */
export interface TarMember extends Pick<LayerEntry, 'type' | 'target' | 'metadata' | 'device' | 'size'> {
	readonly name: string;
}

const BLOCK = 512;
const FLAGS: Readonly<Record<LayerEntry['type'], string>> = {
	file: '0',
	hardlink: '1',
	symlink: '2',
	character: '3',
	block: '4',
	directory: '5',
	fifo: '6',
};
const MAX_NAME = 100;
const MAX_OCTAL_7 = 0o7777777;
const MAX_OCTAL_11 = 0o77777777777;

/**
 * The header blocks of one member of a POSIX archive (pax(1)): ustar, with an extended header before it for what ustar cannot say:
 * long names, large numbers, nanoseconds, extended attributes.
 */
export function tarHeader(member: TarMember): Buffer {
	const records = paxRecords(member);
	if (records.length === 0) return ustar(member, FLAGS[member.type]);
	const data = Buffer.concat(records);
	const pax = { ...member, name: 'PaxHeader', target: '', size: data.length, device: [0, 0] as const };
	return Buffer.concat([ustar(pax, 'x'), data, tarPadding(data.length), ustar(member, FLAGS[member.type])]);
}

/** What fills the last block of a file's data. */
export function tarPadding(size: number): Buffer {
	return Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);
}

/** What ends an archive. */
export const TAR_END: Buffer = Buffer.alloc(2 * BLOCK);

function paxRecords({ name, target, size, metadata }: TarMember): readonly Buffer[] {
	const { uid, gid, mtimeSec, mtimeNsec, xattrs } = metadata;
	const numbers = { uid, gid };
	return [
		...(name.length > MAX_NAME ? [record('path', name)] : []),
		...(target.length > MAX_NAME ? [record('linkpath', target)] : []),
		...(size > MAX_OCTAL_11 ? [record('size', String(size))] : []),
		...Object.entries(numbers).flatMap(([key, value]) => (value > MAX_OCTAL_7 ? [record(key, String(value))] : [])),
		...(mtimeNsec > 0 || mtimeSec < 0 || mtimeSec > MAX_OCTAL_11
			? [record('mtime', timeText(mtimeSec, mtimeNsec))]
			: []),
		...xattrs.map(([key, value]) => record(`SCHILY.xattr.${key}`, Buffer.from(value).toString('latin1'))),
	];
}

/** A record's length counts itself. */
function record(key: string, value: string): Buffer {
	const rest = ` ${key}=${value}\n`;
	let length = rest.length + 1;
	while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
	return Buffer.from(`${length}${rest}`, 'latin1');
}

/** A negative time with a fraction counts towards zero: -0.5 is -1 s and 500,000,000 ns. */
function timeText(sec: number, nsec: number): string {
	if (nsec === 0) return String(sec);
	if (sec >= 0) return `${sec}.${String(nsec).padStart(9, '0')}`;
	return `-${-sec - 1}.${String(1_000_000_000 - nsec).padStart(9, '0')}`;
}

function ustar({ name, target, size, metadata, device }: TarMember, flag: string): Buffer {
	const block = Buffer.alloc(BLOCK);
	const octal = (value: number, offset: number, length: number): void => {
		const fits = value >= 0 && value < 8 ** (length - 1) ? value : 0;
		block.write(`${fits.toString(8).padStart(length - 1, '0')}\0`, offset, 'latin1');
	};
	block.write(name.slice(0, MAX_NAME), 0, 'latin1');
	octal(metadata.mode, 100, 8);
	octal(metadata.uid, 108, 8);
	octal(metadata.gid, 116, 8);
	octal(size, 124, 12);
	octal(metadata.mtimeSec, 136, 12);
	block.write('        ', 148, 'latin1');
	block.write(flag, 156, 'latin1');
	block.write(target.slice(0, MAX_NAME), 157, 'latin1');
	block.write('ustar\0' + '00', 257, 'latin1');
	octal(device[0], 329, 8);
	octal(device[1], 337, 8);
	const sum = block.reduce((total, byte) => total + byte, 0);
	block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
	return block;
}
