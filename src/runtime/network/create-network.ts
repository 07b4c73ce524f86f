import { randomBytes } from 'node:crypto';
import { TsrunError } from '../../core/errors.ts';
import { parseSubnet } from '../../core/ip-address.ts';
import { readRoutes } from '../../host/read-routes.ts';
import { interfaceIndex } from '../../native/interface-index.ts';
import { badFlag } from '../../spec/bad-flag.ts';
import { DEFAULT_NETWORK } from '../../spec/parse-network.ts';
import type { Store } from '../../store/open-store.ts';
import { chooseSubnets, type TakenSubnet } from './choose-subnets.ts';
import { listNetworks, type NetworkRecord, readNetwork, writeNetwork } from './network-files.ts';

export interface NewNetwork {
	readonly name: string;
	readonly subnets: readonly string[];
	readonly gateways: readonly string[];
	readonly ranges: readonly string[];
	readonly ipv6: boolean;
	readonly internal: boolean;
	readonly labels: Readonly<Record<string, string>>;
	/** `-o`: docker's names of what a bridge can have. */
	readonly options: Readonly<Record<string, string>>;
	/** Only says what it would be. */
	readonly isDry?: boolean;
}

const MTU = 'com.docker.network.driver.mtu';
const MASQUERADE = 'com.docker.network.bridge.enable_ip_masquerade';
const BRIDGE = 'com.docker.network.bridge.name';
const OPTIONS: readonly string[] = [MTU, MASQUERADE, BRIDGE];
const SHORT: Readonly<Record<string, string>> = { mtu: MTU };
/** linux/if.h, less the NUL. */
const LONGEST_NAME = 15;

/**
 * Notes a network; its bridge is made when a container is first in it. The networks are locked by the caller.
 * @throws TsrunError TSRUN_NETWORK_EXISTS, TSRUN_SUBNET_IN_USE, TSRUN_BAD_FLAG
 */
export function createNetwork(store: Store, wanted: NewNetwork): NetworkRecord {
	const { name, labels } = wanted;
	if (readNetwork(store, name) !== undefined || ['none', 'host'].includes(name)) {
		throw new TsrunError('TSRUN_NETWORK_EXISTS', `network with name ${name} already exists`);
	}
	const options = Object.fromEntries(Object.entries(wanted.options).map(([key, value]) => [SHORT[key] ?? key, value]));
	for (const [key, value] of Object.entries(options)) {
		if (!OPTIONS.includes(key))
			throw badFlag('--opt', `${key}=${value}`, { problem: 'is not known', hint: `there are ${OPTIONS.join(', ')}` });
	}
	const id = randomBytes(32).toString('hex');
	const mtu = options[MTU] === undefined ? undefined : readMtu(options[MTU]);
	const record: NetworkRecord = {
		version: 1,
		name,
		id,
		created: Date.now(),
		bridge: bridgeName(store, { name, id, asked: options[BRIDGE] }),
		subnets: chooseSubnets({ ...wanted, isLarge: name === DEFAULT_NETWORK }, takenSubnets(store)),
		internal: wanted.internal,
		masquerade: !wanted.internal && options[MASQUERADE] !== 'false',
		...(mtu === undefined ? {} : { mtu }),
		labels,
		options,
	};
	if (wanted.isDry !== true) writeNetwork(store, record);
	return record;
}

/** The default network is there when somebody first asks for it. */
export function ensureDefaultNetwork(store: Store, isDry: boolean): NetworkRecord {
	return (
		readNetwork(store, DEFAULT_NETWORK) ??
		createNetwork(store, {
			name: DEFAULT_NETWORK,
			subnets: [],
			gateways: [],
			ranges: [],
			ipv6: false,
			internal: false,
			labels: {},
			options: {},
			isDry,
		})
	);
}

function takenSubnets(store: Store): readonly TakenSubnet[] {
	const networks = listNetworks(store);
	const bridges = networks.map(({ bridge }) => bridge);
	return [
		...networks.flatMap(({ name, subnets }) =>
			subnets.flatMap(({ subnet }) => {
				const parsed = parseSubnet(subnet);
				return parsed === undefined ? [] : [{ subnet: parsed, owner: `network ${name}` }];
			}),
		),
		...readRoutes()
			.filter(({ device }) => !bridges.includes(device))
			.map(({ subnet, device }) => ({ subnet, owner: `the route to ${device}` })),
	];
}

function readMtu(text: string): number {
	if (/^\d{2,5}$/.test(text) && Number(text) >= 68 && Number(text) <= 65_535) return Number(text);
	throw badFlag('--opt', `${MTU}=${text}`, { problem: 'is no size of a packet', example: `--opt ${MTU}=1400` });
}

interface BridgeName {
	readonly name: string;
	readonly id: string;
	readonly asked: string | undefined;
}

/** Another data root may have the first name already. */
function bridgeName(store: Store, { name, id, asked }: BridgeName): string {
	const isFree = (bridge: string): boolean =>
		interfaceIndex(bridge) === undefined && listNetworks(store).every(each => each.bridge !== bridge);
	if (asked !== undefined) {
		if (!/^[\w.-]+$/.test(asked) || asked.length > LONGEST_NAME || asked === '.' || asked === '..')
			throw badFlag('--opt', `${BRIDGE}=${asked}`, { problem: 'is no name of an interface' });
		if (isFree(asked)) return asked;
		throw badFlag('--opt', `${BRIDGE}=${asked}`, { problem: 'is the name of an interface that is there' });
	}
	if (name !== DEFAULT_NETWORK) return `tsrun-${id.slice(0, 9)}`;
	for (let index = 0; ; index++) if (isFree(`tsrun${index}`)) return `tsrun${index}`;
}
