import { MAX_ID } from './parse-user.ts';

export interface PasswdEntry {
	readonly name: string;
	readonly uid: number;
	readonly gid: number;
	readonly home: string;
}

export interface GroupEntry {
	readonly name: string;
	readonly gid: number;
	readonly members: readonly string[];
}

/** Longer lines are skipped: a group may have many members, an image may have an endless line. */
const MAX_LINE = 1024 * 1024;

/**
 * The entries of a passwd file (passwd(5)) in their order, made one by one. A line whose uid or gid is not a plain number is skipped,
 * never read as 0.
 */
export function* passwdEntries(text: string): Generator<PasswdEntry> {
	for (const [name = '', , uid, gid, , home = ''] of records(text)) {
		const ids = [toId(uid), toId(gid)] as const;
		if (name !== '' && ids[0] !== undefined && ids[1] !== undefined) yield { name, uid: ids[0], gid: ids[1], home };
	}
}

/** The entries of a group file (group(5)); as {@link passwdEntries}. */
export function* groupEntries(text: string): Generator<GroupEntry> {
	for (const [name = '', , id, list = ''] of records(text)) {
		const gid = toId(id);
		if (name !== '' && gid !== undefined) yield { name, gid, members: list === '' ? [] : list.split(',') };
	}
}

function* records(text: string): Generator<readonly string[]> {
	for (let start = 0; start < text.length; ) {
		const newline = text.indexOf('\n', start);
		const end = newline === -1 ? text.length : newline;
		const line = end - start > MAX_LINE ? '' : text.slice(start, end).trim();
		if (line !== '' && !line.startsWith('#')) yield line.split(':');
		start = end + 1;
	}
}

function toId(text: string | undefined): number | undefined {
	return text !== undefined && /^\d{1,10}$/.test(text) && Number(text) <= MAX_ID ? Number(text) : undefined;
}
