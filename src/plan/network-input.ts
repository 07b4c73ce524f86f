import type { PublishedPort } from './netfilter/network-elements.ts';
import type { InterfaceAddress } from './netlink/address-message.ts';

/** What a container has of networks: everything is decided, nothing is looked up any more. */
export interface NetworkInput {
	/** In this order they become eth0, eth1 … */
	readonly endpoints: readonly Endpoint[];
	readonly ports: readonly PublishedPort[];
	/** argv of a program that is told of the end, so that other containers forget the names. */
	readonly farewell?: readonly string[];
}

/** A container's place in one network. */
export interface Endpoint {
	/** Name of the network. */
	readonly network: string;
	readonly bridge: { readonly name: string; readonly index: number; readonly internal: boolean };
	/** What leaves the network has the host's address. */
	readonly masquerade: boolean;
	/** The two ends of the pair. */
	readonly host: { readonly name: string; readonly index: number };
	readonly guest: { readonly name: string; readonly index: number; readonly mac: Uint8Array };
	readonly mtu?: number;
	/** The network's own addresses of the container: the rules know them. */
	readonly addresses: readonly InterfaceAddress[];
	/** Further addresses of the interface. */
	readonly linkLocal: readonly InterfaceAddress[];
	/** Where default routes lead, one of a family. */
	readonly gateways: readonly Uint8Array[];
}
