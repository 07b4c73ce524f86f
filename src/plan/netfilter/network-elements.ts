import { concatenate } from '../netlink/attributes.ts';
import { verdictData } from './expressions.ts';
import type { SetElement } from './table-objects.ts';

const IFNAMSIZ = 16;

/** What the rules must know of a network, as long as the table is there. */
export function bridgeElements({ bridge, internal }: GuestBridge): readonly SetElement[] {
	const key = interfaceKey(bridge);
	return [
		{ set: 'bridges', key },
		{ set: 'same', key: concatenate([key, key]) },
		...(internal ? [{ set: 'internal', key }] : []),
	];
}

export interface GuestBridge {
	/** Name of the bridge. */
	readonly bridge: string;
	readonly internal: boolean;
}

/** An address of a container; `masquerade`: what it sends out of its network comes from the host. */
export function guestElement(address: Uint8Array, masquerade: boolean): SetElement {
	return {
		set: address.length === 4 ? 'guests4' : 'guests6',
		key: address,
		data: verdictData('jump', masquerade ? 'outward' : 'inward'),
	};
}

export interface PublishedPort {
	/** IPPROTO_*. */
	readonly protocol: number;
	/** Absent: all addresses of the host. */
	readonly hostAddress?: Uint8Array;
	readonly hostPort: number;
	/** Of the container, of the same family. */
	readonly address: Uint8Array;
	readonly port: number;
}

export function portElement({ protocol, hostAddress, hostPort, address, port }: PublishedPort): SetElement {
	const family = address.length === 4 ? 4 : 6;
	const place = [Uint8Array.of(protocol), portBytes(hostPort)];
	return {
		set: `${hostAddress === undefined ? 'ports' : 'bound'}${family}`,
		key: concatenate(hostAddress === undefined ? place : [hostAddress, ...place]),
		data: [{ type: 1, value: concatenate([address, portBytes(port)]) }],
	};
}

const portBytes = (port: number): Uint8Array => Uint8Array.of(port >> 8, port & 0xff);

/** A name as the kernel compares it: all sixteen bytes. */
function interfaceKey(interfaceName: string): Uint8Array {
	const key = new Uint8Array(IFNAMSIZ);
	key.set(new TextEncoder().encode(interfaceName));
	return key;
}
