import type { ContainerId } from '../../core/brands.ts';
import { ipText, parseIp } from '../../core/ip-address.ts';
import { macText } from '../../core/mac-address.ts';
import type { InterfaceAddress } from '../../plan/netlink/address-message.ts';
import type { Endpoint, NetworkInput } from '../../plan/network-input.ts';
import { badFlag } from '../../spec/bad-flag.ts';
import { withHostGateway } from '../../spec/host-gateway.ts';
import { DEFAULT_NETWORK } from '../../spec/parse-network.ts';
import type { NetworkRequest, PortRequest } from '../../spec/run-options.ts';
import type { StateDirectory } from '../../state/state-directory.ts';
import type { Store } from '../../store/open-store.ts';
import { chooseAddresses } from './choose-addresses.ts';
import { type ContainerNetworks, claimAddresses, type EndpointRecord, readClaims } from './container-networks.ts';
import { ensureDefaultNetwork } from './create-network.ts';
import { bridgeIndex, ensureBridge } from './ensure-bridge.ts';
import { type HeldPort, holdPorts, plannedPorts } from './hold-ports.ts';
import { type NetworkRecord, noSuchNetwork, readNetwork } from './network-files.ts';

/** Interfaces in the container have numbers from here on: a new namespace has only small ones. */
const FIRST_GUEST_INDEX = 100;
/** Those of the host are spread by the id, far above those that the kernel gives. */
const FIRST_HOST_INDEX = 0x1000_0000;
const PROTOCOLS = { tcp: 6, udp: 17 } as const;

export interface NetworkWish {
	readonly id: ContainerId;
	readonly store: Store;
	readonly state: StateDirectory;
	readonly requests: readonly NetworkRequest[];
	/** By which others find the container, beside what a request says. */
	readonly names: readonly string[];
	/** How many interfaces it has already. */
	readonly existing?: number;
	/** Addresses that it had, by network: they are its own again where nobody else has them. */
	readonly previous?: Readonly<Record<string, readonly string[]>>;
	/** Looks only: no bridge is made and no address claimed. */
	readonly isDry: boolean;
}

export interface PlacedEndpoint {
	readonly endpoint: Endpoint;
	readonly record: EndpointRecord;
}

/**
 * Decides a container's place in each network: addresses that nobody has, numbers and names of interfaces. The networks are locked by the
 * caller until the container's state is there.
 * @throws TsrunError TSRUN_NO_SUCH_NETWORK, TSRUN_ADDRESS_IN_USE, TSRUN_NO_ADDRESS, TSRUN_BAD_FLAG
 */
export function placeEndpoints(wish: NetworkWish): readonly PlacedEndpoint[] {
	const { requests, store, isDry, existing = 0 } = wish;
	const networks = requests.map(({ name }) => {
		const found = name === DEFAULT_NETWORK ? ensureDefaultNetwork(store, isDry) : readNetwork(store, name);
		if (found === undefined) throw noSuchNetwork(name);
		return found;
	});
	// default routes are those of the first network that has some
	const routed = new Set<number>();
	return networks.map((network, index) => {
		const request = requests[index] as NetworkRequest;
		const gateways = network.internal || existing > 0 ? [] : gatewaysOf(network, routed);
		return place(wish, { network, request, gateways, number: existing + index });
	});
}

function gatewaysOf({ subnets }: NetworkRecord, routed: Set<number>): readonly Uint8Array[] {
	return subnets.flatMap(({ gateway }) => {
		const bytes = parseIp(gateway);
		if (bytes === undefined || routed.has(bytes.length)) return [];
		routed.add(bytes.length);
		return [bytes];
	});
}

interface Placing {
	readonly network: NetworkRecord;
	readonly request: NetworkRequest;
	readonly gateways: readonly Uint8Array[];
	readonly number: number;
}

function place({ id, state, names, isDry, previous = {} }: NetworkWish, placing: Placing): PlacedEndpoint {
	const { network, request, gateways, number } = placing;
	const claims = new Map([...readClaims(state, network.name)].filter(([, owner]) => owner !== id));
	const addresses = chooseAddresses(network, { request, claims, previous: previous[network.name] ?? [] });
	const index = isDry ? bridgeIndex(network) : ensureBridge(network);
	if (!isDry) {
		claimAddresses(
			state,
			network.name,
			addresses.map(({ address }) => ({ address: ipText(address), id })),
		);
	}
	const mac = macOf(request, addresses);
	const host = {
		name: `tsr${id.slice(0, 9)}${number}`,
		index: FIRST_HOST_INDEX + ((Number.parseInt(id.slice(0, 7), 16) + number) & 0xfff_ffff),
	};
	const guest = { name: `eth${number}`, index: FIRST_GUEST_INDEX + number, mac };
	return {
		endpoint: {
			network: network.name,
			bridge: { name: network.bridge, index, internal: network.internal },
			masquerade: network.masquerade,
			host,
			guest,
			...(network.mtu === undefined ? {} : { mtu: network.mtu }),
			addresses,
			linkLocal: request.linkLocal.map(text => linkLocalAddress(text)),
			gateways,
		},
		record: {
			network: network.name,
			interface: guest.name,
			hostInterface: host.name,
			mac: macText(mac),
			addresses: addresses.map(({ address, prefix }) => `${ipText(address)}/${prefix}`),
			gateways: gateways.map(ipText),
			names: [...new Set([...names, ...request.aliases, id.slice(0, 12)])],
		},
	};
}

function linkLocalAddress(text: string): InterfaceAddress {
	const address = parseIp(text) ?? new Uint8Array(4);
	return { address, prefix: address.length === 4 ? 16 : 64 };
}

/** As docker makes them: 02:42 and the address, which is nobody else's in the network. */
function macOf({ mac }: NetworkRequest, addresses: readonly InterfaceAddress[]): Uint8Array {
	if (mac !== undefined) return Uint8Array.from(mac.split(':'), byte => Number.parseInt(byte, 16));
	return Uint8Array.from([0x02, 0x42, ...(addresses[0]?.address.slice(-4) ?? [])]);
}

export interface PreparedNetworks {
	readonly input: NetworkInput;
	readonly record: ContainerNetworks;
	readonly ports: readonly HeldPort[];
}

export interface NetworksOfRun extends NetworkWish {
	readonly ports: readonly PortRequest[];
	readonly hosts: string;
	readonly ownNames: string;
	readonly farewell: readonly string[];
}

/** The same for a container that is about to run, with its ports. */
export function prepareNetworks(wish: NetworksOfRun): PreparedNetworks {
	const { requests, ports: wanted, state, isDry, hosts, ownNames, farewell } = wish;
	const placed = placeEndpoints(wish);
	const [main] = placed.filter(({ endpoint }) => !endpoint.bridge.internal);
	if (main === undefined && wanted[0] !== undefined) {
		throw badFlag('--publish', String(wanted[0].port), { problem: 'is not possible in an internal network' });
	}
	const addresses = main?.endpoint.addresses ?? [];
	const families = addresses.map(({ address }) => address.length as 4 | 16);
	const hostLines = withHostGateway(hosts, main?.record.gateways[0]);
	const ports = isDry ? plannedPorts(wanted, families) : holdPorts(wanted, families, state);
	const needsFarewell = requests.some(({ name }) => name !== DEFAULT_NETWORK);
	return {
		input: {
			endpoints: placed.map(({ endpoint }) => endpoint),
			ports: ports.map(port => publishedPort(port, addresses)),
			...(needsFarewell && farewell.length > 0 ? { farewell } : {}),
		},
		record: {
			version: 1,
			hosts: hostLines,
			ownNames,
			endpoints: placed.map(({ record }) => record),
			ports: ports.map(({ protocol, hostAddress, hostPort, port }) => ({ protocol, hostAddress, hostPort, port })),
		},
		ports,
	};
}

function publishedPort(
	{ protocol, hostAddress, hostPort, port }: HeldPort,
	addresses: readonly InterfaceAddress[],
): NetworkInput['ports'][number] {
	const host = parseIp(hostAddress) as Uint8Array;
	const own = addresses.find(({ address }) => address.length === host.length);
	return {
		protocol: PROTOCOLS[protocol],
		...(host.every(byte => byte === 0) ? {} : { hostAddress: host }),
		hostPort,
		address: own?.address ?? new Uint8Array(host.length),
		port,
	};
}
