import type { IdMapping } from '../oci/runtime-spec.ts';
import { badFlag } from './bad-flag.ts';

/** Which ids a bind mount shows: those of the container's user namespace, or these. */
export type IdMap = 'container' | { readonly uids: readonly IdMapping[]; readonly gids: readonly IdMapping[] };

const EXAMPLE = 'idmap=uids=1000-0-1;gids=1000-0-1';
const LARGEST = 2 ** 32;

/**
 * Reads what stands behind podman's `idmap=`: `uids=0-1000-10#…;gids=…`, triplets of an id on the file system, the id that is seen in
 * its place, and how many.
 * @throws TsrunError TSRUN_BAD_FLAG
 */
export function parseIdMap(flag: string, map: string, text: string): IdMap {
	const kinds = map.split(';').map((part): readonly [string, readonly IdMapping[]] => {
		const [, kind = '', ranges] = /^(uids|gids)=(.+)$/.exec(part) ?? [];
		if (ranges === undefined) throw bad(flag, text, `has ${JSON.stringify(part)} where uids=… or gids=… belongs`);
		return [kind, ranges.split('#').map(range => parseRange(flag, range, text))];
	});
	const { uids, gids } = Object.fromEntries(kinds);
	if (uids === undefined || gids === undefined || kinds.length > 2)
		throw bad(flag, text, 'has an idmap without uids and gids, once each');
	return { uids, gids };
}

function parseRange(flag: string, range: string, text: string): IdMapping {
	const [containerID = 0, hostID = 0, size = 0] = /^\d{1,10}-\d{1,10}-\d{1,10}$/.test(range)
		? range.split('-').map(Number)
		: [];
	if (size === 0 || Math.max(containerID, hostID) + size > LARGEST)
		throw bad(flag, text, `has the ids ${JSON.stringify(range)}, which are not <on disk>-<seen>-<count>`);
	return { containerID, hostID, size };
}

const bad = (flag: string, text: string, problem: string): Error =>
	badFlag(flag, text, { problem, example: `${flag} /srv/data:/data:${EXAMPLE}` });
