import { runTeardown } from '../../native/machine.ts';
import { reconcile } from '../../state/reconcile.ts';
import type { StateDirectory } from '../../state/state-directory.ts';
import { readMembers } from './container-networks.ts';
import { ensureDefaultNetwork } from './create-network.ts';
import { listNetworks, type NetworkRecord } from './network-files.ts';
import type { NetworkPlaces } from './remove-network.ts';

/** A network as `docker network inspect` prints it. */
export interface NetworkDescription {
	readonly Name: string;
	readonly Id: string;
	readonly Created: string;
	readonly Scope: 'local';
	readonly Driver: 'bridge';
	readonly EnableIPv6: boolean;
	readonly IPAM: {
		readonly Driver: 'default';
		readonly Options: Readonly<Record<string, string>>;
		readonly Config: readonly Readonly<Record<string, string>>[];
	};
	readonly Internal: boolean;
	readonly Containers: Readonly<Record<string, Readonly<Record<string, string>>>>;
	readonly Options: Readonly<Record<string, string>>;
	readonly Labels: Readonly<Record<string, string>>;
}

export function describeNetwork(state: StateDirectory, network: NetworkRecord): NetworkDescription {
	const { name, id, created, subnets, internal, labels, options, bridge } = network;
	const members = readMembers(state, name).map(({ record, endpoint }): readonly [string, Record<string, string>] => {
		const ofFamily = (isIpv6: boolean): string => endpoint.addresses.find(each => each.includes(':') === isIpv6) ?? '';
		return [
			record.state.id,
			{
				Name: record.state.name,
				EndpointID: endpoint.hostInterface,
				MacAddress: endpoint.mac,
				IPv4Address: ofFamily(false),
				IPv6Address: ofFamily(true),
			},
		];
	});
	return {
		Name: name,
		Id: id,
		Created: new Date(created).toISOString(),
		Scope: 'local',
		Driver: 'bridge',
		EnableIPv6: subnets.some(({ subnet }) => subnet.includes(':')),
		IPAM: {
			Driver: 'default',
			Options: {},
			Config: subnets.map(({ subnet, gateway, range }) => ({
				Subnet: subnet,
				...(range === undefined ? {} : { IPRange: range }),
				Gateway: gateway,
			})),
		},
		Internal: internal,
		Containers: Object.fromEntries(members),
		Options: { 'com.docker.network.bridge.name': bridge, ...options },
		Labels: labels,
	};
}

/** The default network is among them, whether it was used or not; who is dead is in none. */
export function allNetworks({ store, state }: NetworkPlaces): readonly NetworkRecord[] {
	reconcile(state, runTeardown);
	const networks = listNetworks(store);
	if (networks.some(({ name }) => name === 'bridge')) return networks;
	return [ensureDefaultNetwork(store, true), ...networks];
}
