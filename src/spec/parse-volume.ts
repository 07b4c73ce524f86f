import { resolve } from 'node:path/posix';
import { normalPath } from '../core/paths.ts';
import { isVolumeName, type VolumeName, volumeNameProblem } from '../core/volume-name.ts';
import { badFlag } from './bad-flag.ts';
import { mountDestination } from './mount-destination.ts';
import { type IdMap, parseIdMap } from './parse-id-map.ts';
import type { MountRequest, Propagation } from './run-options.ts';

const FLAG = '--volume';
const EXAMPLE = '--volume /srv/data:/data:ro';
const PROPAGATIONS: readonly string[] = ['private', 'rprivate', 'slave', 'rslave', 'shared', 'rshared'];
/** Groups of modes of which one may be given; the last two mean nothing here: labels need SELinux, consistency a Mac. */
const MODES: readonly (readonly string[])[] = [
	['rw', 'ro'],
	PROPAGATIONS,
	['z', 'Z'],
	['consistent', 'cached', 'delegated', 'default'],
];
/** podman's: a temporary overlay above the source. It goes with modes that mean nothing here only. */
const OVERLAY = 'O';
const ID_MAP = 'idmap';
const VOLUME_MODES: typeof MODES = [...MODES.filter(group => group !== PROPAGATIONS), ['nocopy']];

/**
 * Reads docker's `-v`: `<host path>:<path>[:<modes>]` binds, `<name>:<path>[:<modes>]` is a volume, a path alone an anonymous one. A
 * source that begins with `.` is below `cwd`, the absolute directory of the caller.
 * @throws TsrunError TSRUN_BAD_FLAG
 */
export function parseVolume(text: string, cwd: string): MountRequest {
	const parts = text.split(':');
	const [first = '', second, modes = ''] = parts;
	if (parts.length > 3 || parts.includes('')) {
		throw badFlag(FLAG, text, { problem: 'is not <host path>:<path>[:<modes>]', example: EXAMPLE });
	}
	if (second === undefined) return { kind: 'volume', destination: mountDestination(FLAG, first, text) };
	if (isVolumeName(first)) return namedVolume(first, second, { modes, text });
	const source = bindSource(first, cwd, text);
	const destination = mountDestination(FLAG, second, text);
	if (modes.split(',').includes(OVERLAY)) {
		parseModes(modes, text, [[OVERLAY], ...MODES.slice(2)]);
		return { kind: 'overlay', source, destination };
	}
	const isMap = (mode: string): boolean => mode === ID_MAP || mode.startsWith(`${ID_MAP}=`);
	const maps = modes.split(',').filter(isMap);
	const chosen = parseModes(modes, text, [...MODES, maps]);
	return {
		kind: 'bind',
		source,
		destination,
		readonly: chosen.includes('ro'),
		propagation: (chosen.find(mode => PROPAGATIONS.includes(mode)) as Propagation | undefined) ?? 'rprivate',
		recursive: 'enabled',
		createSource: true,
		...idMapOf(maps[0], text),
	};
}

/** @param mode `idmap` or `idmap=<ids>`; undefined: ids are seen as they are */
function idMapOf(mode: string | undefined, text: string): { readonly idMap?: IdMap } {
	if (mode === undefined) return {};
	return { idMap: mode === ID_MAP ? 'container' : parseIdMap(FLAG, mode.slice(ID_MAP.length + 1), text) };
}

function bindSource(source: string, cwd: string, text: string): string {
	if (source.startsWith('/')) return normalPath(source);
	if (/^\.\.?(\/|$)/.test(source)) return resolve(cwd, source);
	if (!source.includes('/')) {
		throw badFlag(FLAG, text, {
			problem: `has the source ${JSON.stringify(source)}, which ${volumeNameProblem(source)}`,
			hint: `to bind a directory give its absolute path, or ./${source} for one in the current directory`,
		});
	}
	throw badFlag(FLAG, text, { problem: 'has a host path that is not absolute', example: EXAMPLE });
}

function namedVolume(
	name: VolumeName,
	path: string,
	{ modes, text }: { readonly modes: string; readonly text: string },
): MountRequest {
	const chosen = parseModes(modes, text, VOLUME_MODES);
	return {
		kind: 'volume',
		name,
		destination: mountDestination(FLAG, path, text),
		...(chosen.includes('ro') ? { readonly: true } : {}),
		...(chosen.includes('nocopy') ? { nocopy: true } : {}),
	};
}

function parseModes(modes: string, text: string, known: typeof MODES): readonly string[] {
	const chosen = modes === '' ? [] : modes.split(',');
	for (const mode of chosen) {
		const group = known.find(words => words.includes(mode));
		if (group === undefined) {
			throw badFlag(FLAG, text, { problem: `has an unknown mode ${JSON.stringify(mode)}`, example: EXAMPLE });
		}
		if (chosen.filter(other => group.includes(other)).length > 1) {
			throw badFlag(FLAG, text, { problem: `has more than one of ${group.join(', ')}`, example: EXAMPLE });
		}
	}
	return chosen;
}
