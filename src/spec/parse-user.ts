import { TsrunError } from '../core/errors.ts';

/** A user or group as it was asked for: digits are always an id, also where the passwd file has a name of digits (CVE-2016-3697). */
export type IdOrName = { readonly id: number } | { readonly name: string };

export interface UserRequest {
	readonly user: IdOrName;
	readonly group?: IdOrName;
}

/** Docker's and containerd's limit; above it some system calls and file systems see a negative number (CVE-2024-40635). */
export const MAX_ID = 2 ** 31 - 1;

const HINT = 'expected <name or uid>[:<name or gid>], for example --user 1000:1000';

/**
 * Reads `user`, `uid`, `user:group` and mixtures; empty is uid 0. What looks like a number and is not plain decimal digits is refused,
 * never taken for a name or for 0 (CVE-2026-30892); a colon with nothing behind it asks for no group.
 * @throws TsrunError TSRUN_BAD_USER
 */
export function parseUser(text: string): UserRequest {
	if (text === '') return { user: { id: 0 } };
	const parts = text.split(':');
	if (parts.length > 2) throw badUser(text, 'has more than one colon');
	const user = parseIdOrName(parts[0] ?? '', text);
	return parts[1] === undefined || parts[1] === '' ? { user } : { user, group: parseIdOrName(parts[1], text) };
}

/** One id or name, of `whole` for the message. @throws TsrunError TSRUN_BAD_USER */
export function parseIdOrName(part: string, whole: string): IdOrName {
	if (part === '') throw badUser(whole, 'has an empty name');
	if (/^\d+$/.test(part)) {
		const id = Number(part);
		if (id > MAX_ID) throw badUser(whole, `has an id above ${MAX_ID}`);
		return { id };
	}
	if (!Number.isNaN(Number(part)) || /^[+-]/.test(part))
		throw badUser(whole, 'has a number that is not plain decimal digits');
	if (!/^[^\s\p{Cc},/:]{1,256}$/u.test(part)) throw badUser(whole, 'has a character that no name has');
	return { name: part };
}

function badUser(text: string, problem: string): TsrunError {
	return new TsrunError('TSRUN_BAD_USER', `user ${JSON.stringify(text.slice(0, 120))} ${problem}`, { hint: HINT });
}
