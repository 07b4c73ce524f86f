import { TsrunError } from '../core/errors.ts';
import { groupEntries, type PasswdEntry, passwdEntries } from './account-files.ts';
import { type IdOrName, parseIdOrName, parseUser } from './parse-user.ts';

export interface UserQuery {
	/** From --user, else from the image; empty is root. */
	readonly user: string;
	/** From --group-add: names and ids. */
	readonly groupAdd: readonly string[];
	/** The texts of the image's own /etc/passwd and /etc/group; undefined where there is none. */
	readonly passwd: string | undefined;
	readonly group: string | undefined;
}

export interface ResolvedUser {
	readonly uid: number;
	readonly gid: number;
	/** The primary group first (CVE-2022-36109), each once. */
	readonly additionalGids: readonly number[];
	/** `/` where the passwd file has none. */
	readonly home: string;
	/** Empty for an id without an entry. */
	readonly name: string;
}

/** setgroups(2): NGROUPS_MAX. */
const MAX_GROUPS = 65536;

/**
 * Finds a user as docker does: the first matching passwd entry gives uid, gid and home; without an explicit group the user is in
 * each group that lists the name; an id needs no entry, its gid is then 0.
 * @throws TsrunError TSRUN_BAD_USER, TSRUN_UNKNOWN_USER
 */
export function resolveUser({ user, groupAdd, passwd, group }: UserQuery): ResolvedUser {
	const request = parseUser(user);
	const entry = findEntry(request.user, passwd ?? '');
	const uid = 'id' in request.user ? request.user.id : entry?.uid;
	if (uid === undefined) throw unknown('user', 'name' in request.user ? request.user.name : '', 'passwd');
	const gid = request.group === undefined ? (entry?.gid ?? 0) : findGroup(request.group, group ?? '');
	const memberships = request.group === undefined && entry !== undefined ? groupsOf(entry.name, group ?? '') : [];
	const added = groupAdd.map(text => findGroup(parseIdOrName(text, text), group ?? ''));
	const additionalGids = [...new Set([gid, ...memberships, ...added])];
	if (additionalGids.length > MAX_GROUPS) {
		throw new TsrunError('TSRUN_BAD_USER', `user ${JSON.stringify(user)} is in more than ${MAX_GROUPS} groups`);
	}
	return { uid, gid, additionalGids, home: entry?.home || '/', name: entry?.name ?? '' };
}

function findEntry(wanted: IdOrName, passwd: string): PasswdEntry | undefined {
	for (const entry of passwdEntries(passwd)) {
		if ('id' in wanted ? entry.uid === wanted.id : entry.name === wanted.name) return entry;
	}
	return undefined;
}

function findGroup(wanted: IdOrName, group: string): number {
	if ('id' in wanted) return wanted.id;
	for (const entry of groupEntries(group)) if (entry.name === wanted.name) return entry.gid;
	throw unknown('group', wanted.name, 'group');
}

function groupsOf(name: string, group: string): readonly number[] {
	const gids = new Set<number>();
	for (const entry of groupEntries(group)) {
		if (entry.members.includes(name)) gids.add(entry.gid);
		if (gids.size > MAX_GROUPS) break;
	}
	return [...gids];
}

function unknown(kind: 'user' | 'group', name: string, file: string): TsrunError {
	return new TsrunError(
		'TSRUN_UNKNOWN_USER',
		`unable to find ${kind} ${JSON.stringify(name)}: no matching entry in the image's ${file} file`,
		{ hint: `give a number to use an id that the image's /etc/${file} does not list` },
	);
}
