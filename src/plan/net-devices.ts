import { TsrunError } from '../core/errors.ts';
import type { RuntimeSpec } from '../oci/runtime-spec.ts';
import { text, u32 } from './netlink/attributes.ts';
import { linkMessage } from './netlink/link-message.ts';
import { NLM_F_CREATE, NLM_F_EXCL, netlinkMessage } from './netlink/netlink-message.ts';
import { setLinkUp } from './netlink/set-link-up.ts';
import type { DeviceAddress, SpecFacts } from './spec-facts.ts';
import type { Step } from './step.ts';

/** linux/if_link.h, linux/if_addr.h, linux/rtnetlink.h. */
const IFLA_IFNAME = 3;
const IFLA_NET_NS_PID = 19;
const IFLA_NEW_IFINDEX = 49;
const IFA_ADDRESS = 1;
const IFA_LOCAL = 2;
const RTM_NEWADDR = 20;

export interface NetDevicePlan {
	/** Host side, once init is in its network namespace. */
	readonly setup: readonly Step[];
	/** Init: lets them be moved. */
	readonly turn: readonly Step[];
	/** Init, when they are there. */
	readonly init: readonly Step[];
}

/**
 * Devices of the host that go into the container (config-linux.md, "Network Devices"). A device keeps its number, so that init finds
 * it whatever its name is there; where another one has that number, the move is refused (EBUSY).
 * @throws TsrunError TSRUN_BAD_CONFIG for a device that the host does not have
 */
export function compileNetDevices({ linux }: Pick<RuntimeSpec, 'linux'>, { networkDevices }: SpecFacts): NetDevicePlan {
	const devices = Object.entries(linux?.netDevices ?? {}).map(([name, device]) => {
		const from = `/linux/netDevices/${name.replaceAll('~', '~0')}`;
		const fact = networkDevices?.[name];
		if (fact === undefined) {
			throw new TsrunError(
				'TSRUN_BAD_CONFIG',
				`config.json ${from}: link not found for interface ${name} on runtime namespace`,
			);
		}
		return { name, newName: device.name ?? name, from, ...fact };
	});
	if (devices.length === 0) return { setup: [], turn: [], init: [] };
	const phase = 'network';
	const hand = { op: 'turn', phase, from: '/linux/netDevices' } as const;
	return {
		setup: [
			{ ...hand, why: 'init enters its network namespace' },
			...devices.map(
				({ index, name, newName, from }): Step => ({
					op: 'moveLink',
					message: moveMessage(index, newName),
					phase,
					why: `move the network device ${name} into the container${newName === name ? '' : `, as ${newName}`}`,
					from,
				}),
			),
		],
		turn: [{ ...hand, why: 'network devices of the host come' }],
		init: devices.flatMap(({ index, newName, addresses, from }): readonly Step[] => [
			...addresses.map(
				(address): Step => ({
					op: 'netlink',
					message: addressMessage(index, address),
					phase,
					why: `give ${newName} its address again`,
					from,
				}),
			),
			{ op: 'netlink', message: setLinkUp({ index }), phase, why: `bring up ${newName}`, from },
		]),
	};
}

/** The pid comes last: the machine puts that of init there. */
function moveMessage(index: number, newName: string): Uint8Array {
	return linkMessage({
		link: { index },
		attributes: [
			{ type: IFLA_IFNAME, value: text(newName) },
			{ type: IFLA_NEW_IFINDEX, value: u32(index) },
			{ type: IFLA_NET_NS_PID, value: u32(0) },
		],
	});
}

/** struct ifaddrmsg (rtnetlink(7)). */
function addressMessage(index: number, { family, prefix, bytes }: DeviceAddress): Uint8Array {
	const header = new Uint8Array(8);
	header.set([family, prefix]);
	new DataView(header.buffer).setUint32(4, index, true);
	const value = Uint8Array.from(bytes);
	const attributes = [IFA_LOCAL, IFA_ADDRESS].map(type => ({ type, value }));
	return netlinkMessage({ type: RTM_NEWADDR, flags: NLM_F_CREATE | NLM_F_EXCL, header, attributes });
}
