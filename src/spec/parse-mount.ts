import { resolve } from 'node:path/posix';
import { normalPath } from '../core/paths.ts';
import { isVolumeName, type VolumeName, volumeNameProblem } from '../core/volume-name.ts';
import { badFlag } from './bad-flag.ts';
import { mountDestination } from './mount-destination.ts';
import { parseBoolean } from './parse-boolean.ts';
import { type IdMap, parseIdMap } from './parse-id-map.ts';
import { parseSize } from './parse-size.ts';
import { tmpfsOptions } from './parse-tmpfs.ts';
import type { BindRecursive, MountRequest, Propagation } from './run-options.ts';
import { splitCsv } from './split-csv.ts';
import { addVolumeOption, boundVolume, type VolumeOptions } from './volume-options.ts';

const FLAG = '--mount';
const EXAMPLE = '--mount type=bind,src=/srv/data,dst=/data,readonly';
const ALIASES: Readonly<Record<string, string>> = {
	src: 'source',
	dst: 'target',
	destination: 'target',
	ro: 'readonly',
};
const FLAGS: readonly string[] = ['readonly', 'bind-nonrecursive', 'volume-nocopy', 'idmap'];
/** Those that may be given several times, and how they are kept apart. */
const LISTS: readonly string[] = ['volume-label', 'volume-opt'];
/** `consistency` has no meaning on Linux. */
const KEYS: Readonly<Record<string, readonly string[]>> = {
	bind: [
		'source',
		'target',
		'readonly',
		'bind-propagation',
		'bind-recursive',
		'bind-nonrecursive',
		'idmap',
		'consistency',
	],
	tmpfs: ['target', 'readonly', 'tmpfs-size', 'tmpfs-mode', 'consistency'],
	volume: [
		'source',
		'target',
		'readonly',
		'volume-nocopy',
		'volume-subpath',
		'volume-driver',
		'volume-label',
		'volume-opt',
		'consistency',
	],
};
const PROPAGATIONS: readonly string[] = ['private', 'rprivate', 'slave', 'rslave', 'shared', 'rshared'];
const RECURSIVE: readonly string[] = ['enabled', 'disabled', 'writable', 'readonly'];

/**
 * Reads docker's `--mount`: comma-separated `key=value`, type `volume` unless told. `cwd` as for `-v`.
 * @throws TsrunError TSRUN_BAD_FLAG
 */
export function parseMount(text: string, cwd: string): MountRequest {
	const fields = parseFields(text);
	const type = (fields.get('type') ?? 'volume').toLowerCase();
	const keys = Object.hasOwn(KEYS, type) ? KEYS[type] : undefined;
	if (keys === undefined)
		throw bad(text, `has an unknown type ${JSON.stringify(type)}; there are bind, tmpfs and volume`);
	for (const key of fields.keys()) {
		if (key !== 'type' && !keys.includes(key)) throw bad(text, `has ${key}, which type=${type} does not know`);
	}
	const target = fields.get('target');
	if (target === undefined) throw bad(text, 'has no target');
	const request = { fields, text, destination: mountDestination(FLAG, target, text), cwd };
	if (type === 'bind') return bindMount(request);
	return type === 'tmpfs' ? tmpfsMount(request) : volumeMount(request);
}

interface Request {
	readonly fields: ReadonlyMap<string, string>;
	readonly text: string;
	readonly destination: string;
	readonly cwd: string;
}

function parseFields(text: string): ReadonlyMap<string, string> {
	const fields = new Map<string, string>();
	for (const field of splitCsv(FLAG, text)) {
		const equals = field.indexOf('=');
		const written = equals === -1 ? field : field.slice(0, equals);
		const key = (Object.hasOwn(ALIASES, written) ? ALIASES[written] : undefined) ?? written;
		if (equals === -1 && !FLAGS.includes(key)) throw bad(text, `has ${JSON.stringify(field)} where key=value belongs`);
		const value = equals === -1 ? 'true' : field.slice(equals + 1);
		const before = fields.get(key);
		if (before !== undefined && !LISTS.includes(key)) throw bad(text, `has ${key} twice`);
		fields.set(key, before === undefined ? value : `${before}\n${value}`);
	}
	return fields;
}

function bindMount({ fields, text, destination, cwd }: Request): MountRequest {
	const source = fields.get('source') ?? '';
	if (source === '') throw bad(text, 'has no source');
	if (!source.startsWith('/') && !/^\.\.?(\/|$)/.test(source)) throw bad(text, 'has a source that is not absolute');
	const propagation = (fields.get('bind-propagation') ?? 'rprivate').toLowerCase();
	if (!PROPAGATIONS.includes(propagation))
		throw bad(text, `has an unknown bind-propagation ${JSON.stringify(propagation)}`);
	return {
		kind: 'bind',
		source: source.startsWith('/') ? normalPath(source) : resolve(cwd, source),
		destination,
		readonly: isReadonly(fields, text),
		propagation: propagation as Propagation,
		recursive: recursiveOf(fields, text),
		createSource: false,
		...idMapOf(fields.get('idmap'), text),
	};
}

function idMapOf(map: string | undefined, text: string): { readonly idMap?: IdMap } {
	if (map === undefined || map === 'false') return {};
	return { idMap: map === 'true' ? 'container' : parseIdMap(FLAG, map, text) };
}

function recursiveOf(fields: ReadonlyMap<string, string>, text: string): BindRecursive {
	const recursive = fields.get('bind-recursive')?.toLowerCase() ?? 'enabled';
	if (!RECURSIVE.includes(recursive)) throw bad(text, `has an unknown bind-recursive ${JSON.stringify(recursive)}`);
	if ((recursive === 'writable' || recursive === 'readonly') && !isReadonly(fields, text)) {
		throw bad(text, `has bind-recursive=${recursive}, which needs readonly`);
	}
	const nonrecursive = fields.get('bind-nonrecursive') ?? 'false';
	return parseBoolean(FLAG, nonrecursive, text) ? 'disabled' : (recursive as BindRecursive);
}

function tmpfsMount({ fields, text, destination }: Request): MountRequest {
	const words: string[] = isReadonly(fields, text) ? ['ro'] : [];
	const size = fields.get('tmpfs-size');
	const mode = fields.get('tmpfs-mode');
	if (size !== undefined) words.push(`size=${parseSize('--mount tmpfs-size', size)}`);
	if (mode !== undefined && !/^[0-7]{1,4}$/.test(mode)) throw bad(text, `has a tmpfs-mode that is not octal, ${mode}`);
	if (mode !== undefined) words.push(`mode=${mode}`);
	return { kind: 'tmpfs', destination, options: tmpfsOptions(FLAG, text, words) };
}

function volumeMount({ fields, text, destination }: Request): MountRequest {
	const source = fields.get('source') ?? '';
	if (source !== '' && !isVolumeName(source)) {
		throw badFlag(FLAG, text, {
			problem: `has the source ${JSON.stringify(source)}, which ${volumeNameProblem(source)}`,
			hint: 'to bind a directory say type=bind',
		});
	}
	const driver = fields.get('volume-driver') ?? 'local';
	if (driver !== 'local' && driver !== '') throw bad(text, `has the driver ${JSON.stringify(driver)}; there is local`);
	const subpath = fields.get('volume-subpath');
	if (subpath !== undefined && !isInside(subpath)) {
		throw bad(text, 'has a volume-subpath that is no relative path inside of the volume');
	}
	const labels = listOf(fields, 'volume-label').map(splitLabel);
	const options = listOf(fields, 'volume-opt').reduce<VolumeOptions>(
		(before, each) => addVolumeOption('--mount volume-opt', each, before),
		{},
	);
	boundVolume('--mount volume-opt', options);
	return {
		kind: 'volume',
		destination,
		...(source === '' ? {} : { name: source as VolumeName }),
		...(isReadonly(fields, text) ? { readonly: true } : {}),
		...(parseBoolean(FLAG, fields.get('volume-nocopy') ?? 'false', text) ? { nocopy: true } : {}),
		...(subpath === undefined ? {} : { subpath: normalPath(subpath) }),
		...(labels.length === 0 ? {} : { labels: Object.fromEntries(labels) }),
		...(Object.keys(options).length === 0 ? {} : { options }),
	};
}

function isInside(path: string): boolean {
	return path !== '' && !path.startsWith('/') && !path.split('/').includes('..');
}

function listOf(fields: ReadonlyMap<string, string>, key: string): readonly string[] {
	return fields.get(key)?.split('\n') ?? [];
}

function splitLabel(text: string): readonly [string, string] {
	const equals = text.indexOf('=');
	return equals === -1 ? [text, ''] : [text.slice(0, equals), text.slice(equals + 1)];
}

function isReadonly(fields: ReadonlyMap<string, string>, text: string): boolean {
	return parseBoolean(FLAG, fields.get('readonly') ?? 'false', text);
}

function bad(text: string, problem: string): Error {
	return badFlag(FLAG, text, { problem, example: EXAMPLE });
}
