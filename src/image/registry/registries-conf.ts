import { parse } from 'smol-toml';
import { TsrunError } from '../../core/errors.ts';
import {
	asArray,
	asObject,
	asString,
	badField,
	type JsonField,
	property,
	required,
	stringAt,
	stringMapAt,
} from '../../oci/json-field.ts';

export interface Mirror {
	/** `host[:port][/path]`, which takes the place of the rule's prefix. */
	readonly location: string;
	readonly isInsecure: boolean;
	readonly serves: 'all' | 'digest-only' | 'tag-only';
}

/** A `[[registry]]` table. */
export interface RegistryRule {
	/** `host[:port][/path]`, or `*.domain`. */
	readonly prefix: string;
	/** What the prefix is replaced by; absent: it stays. */
	readonly location?: string;
	/** Plain HTTP, and TLS with a certificate that nobody vouches for. */
	readonly isInsecure: boolean;
	readonly isBlocked: boolean;
	readonly mirrors: readonly Mirror[];
}

/** containers-registries.conf(5), version 2. */
export interface RegistriesConfig {
	/** Registries in which a name without one is looked for, in this order; absent: only Docker's own. */
	readonly search?: readonly string[];
	readonly rules: readonly RegistryRule[];
	/** Short name → full name. */
	readonly aliases: Readonly<Record<string, string>>;
}

export const NO_REGISTRIES_CONFIG: RegistriesConfig = { rules: [], aliases: {} };

/** @throws TsrunError TSRUN_BAD_REGISTRIES_CONF, naming the file and the field */
export function parseRegistriesConf(text: string, path: string): RegistriesConfig {
	try {
		const root: JsonField = { value: parseToml(text, path), pointer: '', document: path };
		const first = property(root, 'registries');
		if (first !== undefined) throw badField(first, 'absent: this is version 1 of the format, which is not read');
		const search = property(root, 'unqualified-search-registries');
		const registries = property(root, 'registry');
		return {
			...(search === undefined ? {} : { search: asArray(search).map(asString) }),
			rules: registries === undefined ? [] : asArray(registries).map(parseRule),
			aliases: stringMapAt(root, 'aliases') ?? {},
		};
	} catch (error) {
		if (!(error instanceof TsrunError)) throw error;
		throw new TsrunError('TSRUN_BAD_REGISTRIES_CONF', error.message, {
			hint: 'see containers-registries.conf(5)',
			cause: error,
		});
	}
}

/** What a later file says goes before what an earlier one said. */
export function mergeRegistriesConf(earlier: RegistriesConfig, later: RegistriesConfig): RegistriesConfig {
	const search = later.search ?? earlier.search;
	const again = new Set(later.rules.map(({ prefix }) => prefix));
	return {
		...(search === undefined ? {} : { search }),
		rules: [...earlier.rules.filter(({ prefix }) => !again.has(prefix)), ...later.rules],
		aliases: { ...earlier.aliases, ...later.aliases },
	};
}

function parseToml(text: string, path: string): unknown {
	try {
		return parse(text);
	} catch (cause) {
		const { message, line } = cause as Error & { readonly line?: number };
		const fault = message.split('\n', 1)[0]?.replace(/^Invalid TOML document: /, '');
		throw new TsrunError('TSRUN_BAD_REGISTRIES_CONF', `${path}:${line ?? 1} is not TOML: ${fault}`, { cause });
	}
}

function parseRule(field: JsonField): RegistryRule {
	const location = stringAt(field, 'location');
	if (location !== '') requirePlace(field, 'location', location);
	const prefix = stringAt(field, 'prefix') || location;
	if (prefix === '') throw badField(required(field, 'location'), 'a registry, or there must be a prefix');
	const isWildcard = prefix.startsWith('*.');
	if (isWildcard && location !== '') {
		throw badField(required(field, 'location'), 'absent beside a prefix with a wildcard');
	}
	const onlyDigests = booleanAt(field, 'mirror-by-digest-only');
	const mirrors = property(field, 'mirror');
	return {
		prefix: requirePlace(field, 'prefix', prefix),
		...(location === '' ? {} : { location }),
		isInsecure: booleanAt(field, 'insecure'),
		isBlocked: booleanAt(field, 'blocked'),
		mirrors: mirrors === undefined ? [] : asArray(mirrors).map(mirror => parseMirror(mirror, onlyDigests)),
	};
}

function parseMirror(field: JsonField, onlyDigests: boolean): Mirror {
	const serves = stringAt(field, 'pull-from-mirror') || 'all';
	if (serves !== 'all' && serves !== 'digest-only' && serves !== 'tag-only') {
		throw badField(required(field, 'pull-from-mirror'), 'all, digest-only or tag-only');
	}
	return {
		location: requirePlace(field, 'location', asString(required(field, 'location'))),
		isInsecure: booleanAt(field, 'insecure'),
		serves: onlyDigests ? 'digest-only' : serves,
	};
}

/** `host[:port][/path]`: no scheme, no tag, nothing that could change the meaning of a URL. */
function requirePlace(field: JsonField, name: string, place: string): string {
	if (/^(\*\.)?[A-Za-z0-9[][A-Za-z0-9.:\]-]*(\/[a-z0-9]+([._-]+[a-z0-9]+)*)*$/.test(place)) return place;
	throw badField(property(field, name) ?? field, 'host[:port][/path], without a scheme');
}

function booleanAt(field: JsonField, name: string): boolean {
	const value = asObject(field)[name];
	if (value === undefined || typeof value === 'boolean') return value ?? false;
	throw badField(required(field, name), 'true or false');
}
