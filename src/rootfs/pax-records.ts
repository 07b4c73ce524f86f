import { badLayer } from './bad-layer.ts';

/** The records of a PAX extended header (pax(1), "pax Extended Header"). Keys and values are bytes, held as latin-1. */
export interface PaxRecords {
	readonly values: ReadonlyMap<string, string>;
	/** Offsets and lengths of GNU.sparse.offset and GNU.sparse.numbytes, which repeat (GNU sparse format 0.0). */
	readonly sparsePairs: readonly number[];
}

export const NO_PAX: PaxRecords = { values: new Map(), sparsePairs: [] };

/** @throws TsrunError TSRUN_BAD_LAYER */
export function parsePax(bytes: Buffer): PaxRecords {
	const values = new Map<string, string>();
	const sparsePairs: number[] = [];
	for (let at = 0; at < bytes.length && bytes[at] !== 0; ) {
		const space = bytes.indexOf(0x20, at);
		const digits = space === -1 || space - at > 10 ? '' : bytes.toString('latin1', at, space);
		const end = at + Number(digits);
		const equals = bytes.indexOf(0x3d, space);
		if (!/^[0-9]+$/.test(digits) || end > bytes.length || equals === -1 || equals >= end || bytes[end - 1] !== 0x0a) {
			throw badLayer('has a malformed PAX header');
		}
		const key = bytes.toString('latin1', space + 1, equals);
		const value = bytes.toString('latin1', equals + 1, end - 1);
		if (key === 'GNU.sparse.offset' || key === 'GNU.sparse.numbytes') sparsePairs.push(wholeNumber(value, key));
		else if (value === '' && !key.startsWith('SCHILY.xattr.')) values.delete(key);
		else values.set(key, value);
		at = end;
	}
	return { values, sparsePairs };
}

/** A record that must be a whole number, where it is there. @throws TsrunError TSRUN_BAD_LAYER */
export function paxNumber({ values }: PaxRecords, key: string): number | undefined {
	const value = values.get(key);
	return value === undefined ? undefined : wholeNumber(value, key);
}

/** A time as seconds and nanoseconds, the latter counting upwards also before the epoch. */
export function parsePaxTime(value: string): { readonly sec: number; readonly nsec: number } {
	const match = /^(-?)([0-9]{1,15})(?:\.([0-9]*))?$/.exec(value);
	if (match === null) throw badLayer(`has the PAX time ${JSON.stringify(value.slice(0, 40))}, which is not valid`);
	const sec = Number(match[2]);
	const nsec = Number((match[3] ?? '').slice(0, 9).padEnd(9, '0'));
	if (match[1] === '') return { sec, nsec };
	return nsec === 0 ? { sec: -sec, nsec: 0 } : { sec: -sec - 1, nsec: 1_000_000_000 - nsec };
}

function wholeNumber(value: string, key: string): number {
	const number = Number(value);
	if (/^[0-9]+$/.test(value) && Number.isSafeInteger(number)) return number;
	throw badLayer(`has the PAX record ${key}=${JSON.stringify(value.slice(0, 40))}, which is not a number`);
}
