import { ipText } from '../core/ip-address.ts';
import { EHOOK, ERRNO } from './linux-constants.ts';
import { netfilterBatch } from './netfilter/batch.ts';
import { bridgeElements, guestElement, portElement } from './netfilter/network-elements.ts';
import { deleteElement, newElement, type SetElement } from './netfilter/table-objects.ts';
import { ensureTable, removeIfUnused } from './netfilter/tsrun-table.ts';
import { addAddressMessage, defaultRouteMessage } from './netlink/address-message.ts';
import { deleteLinkMessage } from './netlink/bridge-message.ts';
import { hairpinMessage } from './netlink/hairpin-message.ts';
import { setLinkUp } from './netlink/set-link-up.ts';
import { vethMessage } from './netlink/veth-message.ts';
import type { Endpoint, NetworkInput } from './network-input.ts';
import type { ProcWrite } from './own-proc.ts';
import type { Step, StepOf } from './step.ts';

/** The program that is told of the end has this long. */
const FAREWELL_MS = 20_000;

export interface NetworkPlan {
	/** Host side, once init is in its network namespace. */
	readonly setup: readonly Step[];
	/** Init: lets the devices come. */
	readonly turn: readonly Step[];
	/** Init, when they are there. */
	readonly init: readonly Step[];
	/** Kernel parameters of its interfaces. */
	readonly writes: readonly ProcWrite[];
	/** Without their marks: {@link networkTeardown} adds those. */
	readonly teardown: readonly Step[];
}

const NONE: NetworkPlan = { setup: [], turn: [], init: [], writes: [], teardown: [] };
const phase = 'network';

/**
 * A container in bridge networks: one end of a pair on each bridge, the other in the container with its addresses, and one batch of
 * elements for tsrun's table of nftables. The host's end and the elements are all that teardown has to undo.
 */
export function compileNetwork(network: NetworkInput | undefined): NetworkPlan {
	if (network === undefined) return NONE;
	const { endpoints } = network;
	return {
		setup: [
			{ op: 'turn', phase, why: 'init enters its network namespace' },
			...endpoints.flatMap(endpoint => [connectStep(endpoint), hairpinStep(endpoint)]),
			rulesStep(network),
		],
		turn: [{ op: 'turn', phase, why: 'its interfaces come' }],
		init: endpoints.flatMap(endpointSteps),
		writes: endpoints.flatMap(interfaceWrites),
		teardown: [...farewellSteps(network), ...removalSteps(network)],
	};
}

export function connectStep({ network, bridge, host, guest, mtu }: Endpoint): StepOf<'moveLink'> {
	return {
		op: 'moveLink',
		message: vethMessage({ host, master: bridge.index, peer: guest, ...(mtu === undefined ? {} : { mtu }) }),
		phase,
		why: `a pair of interfaces: ${host.name} on ${bridge.name} (network ${network}), ${guest.name} in the container`,
	};
}

/** A container that calls a port of the host which is its own comes back on the port of the bridge from which it went (br_netfilter). */
export function hairpinStep({ host }: Endpoint): Step {
	const why = `what ${host.name} sends may come back to it, by way of a published port`;
	return { op: 'netlink', message: hairpinMessage(host.index), phase, why };
}

/** Table, networks, addresses and ports at once: nobody can take the table away between them. */
export function rulesStep(network: NetworkInput): Step {
	const bridges = network.endpoints.flatMap(({ bridge }) =>
		bridgeElements({ bridge: bridge.name, internal: bridge.internal }),
	);
	const elements = [...bridges, ...ownElements(network).map(({ element }) => element)];
	return {
		op: 'netfilter',
		message: netfilterBatch([...ensureTable(), ...elements.map(newElement)]),
		phase,
		why: `the table inet tsrun, with ${network.endpoints.flatMap(textOf).join(', ')}${portsText(network)}`,
	};
}

function portsText({ ports }: NetworkInput): string {
	const texts = ports.map(
		({ hostAddress, hostPort, port, protocol }) =>
			`${hostAddress === undefined ? '' : `${ipText(hostAddress)}:`}${hostPort}→${port}/${protocol === 6 ? 'tcp' : 'udp'}`,
	);
	return texts.length === 0 ? '' : ` and the ports ${texts.join(', ')}`;
}

const textOf = ({ addresses }: Endpoint): readonly string[] => addresses.map(({ address }) => ipText(address));

/** Steps in the container's network namespace. */
export function endpointSteps({ guest, addresses, linkLocal, gateways, network }: Endpoint): readonly Step[] {
	const { index, name } = guest;
	return [
		...[...addresses, ...linkLocal].map(
			(address): Step => ({
				op: 'netlink',
				message: addAddressMessage(index, address),
				phase,
				why: `${name} has ${ipText(address.address)}/${address.prefix}`,
			}),
		),
		{ op: 'netlink', message: setLinkUp({ index }), phase, why: `bring up ${name}` },
		...gateways.map(
			(gateway): Step => ({
				op: 'netlink',
				message: defaultRouteMessage(index, gateway),
				phase,
				why: `all else goes to ${ipText(gateway)}, the host in network ${network}`,
			}),
		),
	];
}

/** A network without IPv6 has none: no address of the link, no router that somebody announces (CVE-2020-13401). */
export function interfaceWrites({ guest, addresses }: Endpoint): readonly ProcWrite[] {
	const hasIpv6 = addresses.some(({ address }) => address.length === 16);
	const path = `sys/net/ipv6/conf/${guest.name}`;
	const tolerate = [ERRNO.ENOENT];
	return hasIpv6
		? [{ path: `${path}/accept_ra`, data: '0', why: `${guest.name} takes no routes that are announced`, tolerate }]
		: [{ path: `${path}/disable_ipv6`, data: '1', why: `${guest.name} has no IPv6`, tolerate }];
}

interface OwnElement {
	readonly element: SetElement;
	readonly text: string;
}

function ownElements({ endpoints, ports }: NetworkInput): readonly OwnElement[] {
	return [
		...endpoints.flatMap(({ addresses, masquerade }) =>
			addresses.map(({ address }) => ({ element: guestElement(address, masquerade), text: ipText(address) })),
		),
		...ports.map(port => ({ element: portElement(port), text: `port ${port.hostPort}` })),
	];
}

/** One batch for each, since one that somebody else has deleted must not keep the others. */
export function removalSteps(network: NetworkInput): readonly Step[] {
	const teardown = 'teardown';
	return [
		...ownElements(network).map(
			({ element, text }): Step => ({
				op: 'netfilter',
				message: netfilterBatch([deleteElement(element)]),
				phase: teardown,
				why: `the rules forget ${text}`,
				tolerate: [ERRNO.ENOENT],
			}),
		),
		{
			op: 'netfilter',
			message: netfilterBatch(removeIfUnused()),
			phase: teardown,
			why: 'the table inet tsrun goes with the last container: the kernel refuses it while one is in it',
			tolerate: [ERRNO.ENOENT, ERRNO.EBUSY],
		},
		...network.endpoints.map(
			({ host }): Step => ({
				op: 'netlink',
				message: deleteLinkMessage({ name: host.name }),
				phase: teardown,
				why: `the pair ${host.name}, if the end of the network namespace has not taken it along`,
				tolerate: [ERRNO.ENODEV],
			}),
		),
	];
}

function farewellSteps({ farewell }: NetworkInput): readonly Step[] {
	const path = farewell?.[0];
	if (farewell === undefined || path === undefined) return [];
	return [
		{
			op: 'hook',
			path,
			argv: farewell,
			env: [],
			stateHead: '',
			stateTail: '',
			timeoutMs: FAREWELL_MS,
			phase: 'teardown',
			why: 'other containers of its networks forget its names',
			tolerate: [ERRNO.ENOENT, ERRNO.EACCES, ERRNO.ETIMEDOUT, EHOOK],
		},
	];
}

/** What {@link compileNetwork} undoes only where the rules were begun: until then nothing of it is there. */
export function networkTeardown({ teardown }: NetworkPlan, setup: readonly Step[]): readonly Step[] {
	const rules = setup.findIndex(({ op }) => op === 'netfilter');
	const pair = setup.findIndex(({ op }) => op === 'moveLink');
	return teardown.map(step => (step.op === 'netlink' ? { ...step, after: pair } : { ...step, after: rules }));
}
