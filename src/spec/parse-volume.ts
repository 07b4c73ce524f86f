import { resolve } from 'node:path/posix';
import { normalPath } from '../core/paths.ts';
import { badFlag } from './bad-flag.ts';
import { mountDestination } from './mount-destination.ts';
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

/**
 * Reads docker's `-v`: `<host path>:<path>[:<modes>]` binds, a path alone is an anonymous volume. A source that begins with `.` is
 * below `cwd`, the absolute directory of the caller.
 * @throws TsrunError TSRUN_BAD_FLAG
 */
export function parseVolume(text: string, cwd: string): MountRequest {
	const parts = text.split(':');
	const [first = '', second, modes = ''] = parts;
	if (parts.length > 3 || parts.includes('')) {
		throw badFlag(FLAG, text, { problem: 'is not <host path>:<path>[:<modes>]', example: EXAMPLE });
	}
	if (second === undefined) return { kind: 'volume', destination: mountDestination(FLAG, first, text) };
	const source = bindSource(first, cwd, text);
	const chosen = parseModes(modes, text);
	return {
		kind: 'bind',
		source,
		destination: mountDestination(FLAG, second, text),
		readonly: chosen.includes('ro'),
		propagation: (chosen.find(mode => PROPAGATIONS.includes(mode)) as Propagation | undefined) ?? 'rprivate',
		recursive: 'enabled',
		createSource: true,
	};
}

function bindSource(source: string, cwd: string, text: string): string {
	if (source.startsWith('/')) return normalPath(source);
	if (/^\.\.?(\/|$)/.test(source)) return resolve(cwd, source);
	if (/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(source)) {
		throw badFlag(FLAG, text, {
			problem: `names the volume ${JSON.stringify(source)}, and named volumes do not exist yet`,
			hint: `to bind a directory give its absolute path, or ./${source} for one in the current directory`,
		});
	}
	throw badFlag(FLAG, text, { problem: 'has a host path that is not absolute', example: EXAMPLE });
}

function parseModes(modes: string, text: string): readonly string[] {
	const chosen = modes === '' ? [] : modes.split(',');
	for (const mode of chosen) {
		const group = MODES.find(words => words.includes(mode));
		if (group === undefined) {
			throw badFlag(FLAG, text, { problem: `has an unknown mode ${JSON.stringify(mode)}`, example: EXAMPLE });
		}
		if (chosen.filter(other => group.includes(other)).length > 1) {
			throw badFlag(FLAG, text, { problem: `has more than one of ${group.join(', ')}`, example: EXAMPLE });
		}
	}
	return chosen;
}
