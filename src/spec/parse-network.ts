import { parseIp } from '../core/ip-address.ts';
import { badFlag } from './bad-flag.ts';
import { parseNamespaceMode } from './parse-namespace-mode.ts';
import type { NetworkMode, NetworkRequest } from './run-options.ts';
import { splitCsv } from './split-csv.ts';

const FLAG = '--network';
/** The network that every data root has; `default` is docker's other word for it. */
export const DEFAULT_NETWORK = 'bridge';
const WORDS = ['none', 'host', 'private'];

/** Flags that say more of the one network that is named. */
export interface EndpointFlags {
	readonly ip?: string | undefined;
	readonly ip6?: string | undefined;
	readonly mac?: string | undefined;
	readonly aliases: readonly string[];
	readonly linkLocal: readonly string[];
}

/**
 * Reads docker's `--network`: a word, names with commas between them, or `name=…,ip=…,ip6=…,alias=…,mac-address=…,link-local-ip=…`; given
 * several times, each is a network.
 * @param fallback what no flag means
 * @throws TsrunError TSRUN_BAD_FLAG
 */
export function parseNetworks(texts: readonly string[], flags: EndpointFlags, fallback: string): NetworkMode {
	const given = texts.length === 0 ? [fallback] : texts;
	const [only = ''] = given;
	if (given.length === 1 && isWord(only)) {
		requireNoEndpointFlags(flags, only);
		return only.startsWith('ns:') ? { kind: 'path', path: pathOf(only) } : parseNamespaceMode(FLAG, only);
	}
	const word = given.find(isWord);
	if (word !== undefined) throw badFlag(FLAG, word, { problem: 'stands alone, without other networks' });
	const networks = given.flatMap(parseRequests);
	const again = networks.find(({ name }, index) => networks.findIndex(other => other.name === name) < index);
	if (again !== undefined) throw badFlag(FLAG, again.name, { problem: 'is named twice' });
	return { kind: 'networks', networks: withFlags(networks, flags) };
}

const isWord = (text: string): boolean => WORDS.includes(text) || /^(container|ns):/.test(text);

function pathOf(text: string): string {
	const path = text.slice('ns:'.length);
	if (path.startsWith('/')) return path;
	throw badFlag(FLAG, text, { problem: 'names no absolute path', example: `${FLAG} ns:/run/netns/blue` });
}

function parseRequests(text: string): readonly NetworkRequest[] {
	const fields = splitCsv(FLAG, text);
	return fields.some(field => field.includes('='))
		? [parseFields(text, fields)]
		: fields.map(name => ({ name: networkName(FLAG, name), aliases: [], linkLocal: [] }));
}

function parseFields(text: string, fields: readonly string[]): NetworkRequest {
	const known = ['name', 'alias', 'ip', 'ip6', 'mac-address', 'link-local-ip'];
	const values = (key: string): readonly string[] =>
		fields.filter(field => field.startsWith(`${key}=`)).map(field => field.slice(key.length + 1));
	for (const field of fields) {
		if (!known.some(key => field.startsWith(`${key}=`))) {
			throw badFlag(FLAG, text, { problem: `has ${JSON.stringify(field)}; there are ${known.join(', ')}` });
		}
	}
	const [name] = values('name');
	if (name === undefined) throw badFlag(FLAG, text, { problem: 'has no name=', example: `${FLAG} name=web,alias=db` });
	const flags: EndpointFlags = {
		ip: values('ip')[0],
		ip6: values('ip6')[0],
		mac: values('mac-address')[0],
		aliases: values('alias'),
		linkLocal: values('link-local-ip'),
	};
	return endpoint(networkName(FLAG, name), flags);
}

/** @throws TsrunError TSRUN_BAD_FLAG */
export function networkName(flag: string, text: string): string {
	if (text === 'default') return DEFAULT_NETWORK;
	if (/^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}$/.test(text)) return text;
	throw badFlag(flag, text, {
		problem: 'is not a network',
		hint: 'a name has letters, digits and _ . - and begins with a letter or a digit',
	});
}

function withFlags(networks: readonly NetworkRequest[], flags: EndpointFlags): readonly NetworkRequest[] {
	const [first, ...others] = networks;
	const said = saidBy(flags);
	if (first === undefined || said === undefined) return networks;
	if (others.length > 0) {
		const [flag, value] = said;
		throw badFlag(flag, value, {
			problem: 'does not say which of several networks it is for',
			example: `${FLAG} name=${first.name},${flag.replace('--network-', '').slice(flag.startsWith('--network-') ? 0 : 2)}=${value}`,
		});
	}
	return [
		endpoint(first.name, {
			ip: flags.ip ?? first.ip,
			ip6: flags.ip6 ?? first.ip6,
			mac: flags.mac ?? first.mac,
			aliases: [...first.aliases, ...flags.aliases],
			linkLocal: [...first.linkLocal, ...flags.linkLocal],
		}),
	];
}

/** @throws TsrunError TSRUN_BAD_FLAG */
export function endpoint(name: string, { ip, ip6, mac, aliases, linkLocal }: EndpointFlags): NetworkRequest {
	if (name === DEFAULT_NETWORK && aliases[0] !== undefined) {
		throw badFlag('--network-alias', aliases[0], {
			problem: `is for networks with names, and ${DEFAULT_NETWORK} has none`,
			hint: 'tsrun network create NAME makes one',
		});
	}
	return {
		name,
		aliases: aliases.map(alias),
		linkLocal: linkLocal.map(text => address('--link-local-ip', text)),
		...(ip === undefined ? {} : { ip: address('--ip', ip, 4) }),
		...(ip6 === undefined ? {} : { ip6: address('--ip6', ip6, 16) }),
		...(mac === undefined ? {} : { mac: macAddress(mac) }),
	};
}

function alias(text: string): string {
	if (/^[a-zA-Z0-9_]([a-zA-Z0-9_.-]{0,252})$/.test(text)) return text;
	throw badFlag('--network-alias', text, { problem: 'is no host name', example: '--network-alias db' });
}

function address(flag: string, text: string, length?: 4 | 16): string {
	const found = parseIp(text)?.length;
	if (found !== undefined && (length === undefined || found === length)) return text;
	const kind = { 4: 'address of IPv4', 16: 'address of IPv6', any: 'address' }[length ?? 'any'];
	throw badFlag(flag, text, {
		problem: `is no ${kind}`,
		example: length === 16 ? `${flag} fd00::5` : `${flag} 10.0.0.5`,
	});
}

function macAddress(text: string): string {
	const mac = text.toLowerCase().replaceAll('-', ':');
	const isUnicast = /^[0-9a-f][02468ace](:[0-9a-f]{2}){5}$/.test(mac);
	if (isUnicast && mac !== '00:00:00:00:00:00') return mac;
	throw badFlag('--mac-address', text, {
		problem: 'is no address that an interface can have',
		example: '--mac-address 02:42:ac:11:00:02',
	});
}

function requireNoEndpointFlags(flags: EndpointFlags, word: string): void {
	const said = saidBy(flags);
	if (said !== undefined) throw badFlag(said[0], said[1], { problem: `is for networks, and ${FLAG} ${word} is none` });
}

function saidBy({ ip, ip6, mac, aliases, linkLocal }: EndpointFlags): readonly [string, string] | undefined {
	const said = [
		['--ip', ip],
		['--ip6', ip6],
		['--mac-address', mac],
		['--network-alias', aliases[0]],
		['--link-local-ip', linkLocal[0]],
	] as const;
	for (const [flag, value] of said) if (value !== undefined) return [flag, value];
	return undefined;
}
