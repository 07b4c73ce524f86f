import type { StepOf } from '../../plan/step.ts';
import { type Commands, lines } from './commands.ts';
import { tolerant } from './file-commands.ts';
import { netlinkWords } from './netlink-words.ts';
import { shellWord, shellWords } from './shell-word.ts';
import type { Bridge } from './surroundings.ts';

/**
 * rtnetlink(7) messages as ip(8) and bridge(8) send them.
 * @throws Error for a message that nothing in `src/plan` makes
 */
export function linkCommands(step: StepOf<'netlink' | 'moveLink'>, bridges: readonly Bridge[]): Commands {
	const { message } = step;
	const request = typeof message === 'string' ? undefined : netlinkWords(message);
	if (request === undefined) throw new Error(`a netlink message without a command: ${step.why}`);
	switch (request.kind) {
		case 'up':
			return lines(`ip link set dev "$(interface ${request.index})" up`);
		case 'hairpin':
			return lines(`bridge link set dev "$(interface ${request.index})" hairpin on`);
		case 'delete':
			return lines(tolerant(step, `ip link delete dev ${shellWord(request.name)}`));
		case 'address':
			return lines(`ip address add ${shellWords(request.words)} dev "$(interface ${request.index})"`);
		case 'route':
			return lines(`ip route add ${shellWords(request.words)} dev "$(interface ${request.index})"`);
		case 'veth': {
			const { host, peer, master, mtu } = request;
			const size = mtu === undefined ? '' : ` mtu ${mtu}`;
			const bridge = bridges.find(({ hostIndex }) => hostIndex === host.index);
			const on = bridge === undefined ? `"$(interface ${master})"` : shellWord(bridge.name);
			return lines(
				`ip link add name ${shellWord(host.name)} index ${host.index}${size} type veth \\`,
				`\tpeer name ${shellWord(peer.name)} index ${peer.index} address ${peer.mac}${size} netns "$init"`,
				`ip link set dev ${shellWord(host.name)} master ${on} up`,
			);
		}
	}
}

/** A bridge is there until its network is removed, whoever made it. */
export function bridgeCommands({ name, mac, mtu, addresses }: Bridge): readonly string[] {
	const link = shellWord(name);
	const hasIpv6 = addresses.some(address => address.includes(':'));
	return [
		`if ! ip link show dev ${link} > /dev/null 2>&1; then`,
		`\tip link add name ${link} address ${mac}${mtu === undefined ? '' : ` mtu ${mtu}`} type bridge`,
		...(hasIpv6 ? [] : [`\t{ echo 1 > /proc/sys/net/ipv6/conf/${link}/disable_ipv6; } 2> /dev/null || :`]),
		`\t{ echo 0 > /proc/sys/net/ipv6/conf/${link}/accept_ra; } 2> /dev/null || :`,
		...addresses.map(address => `\tip address add ${shellWord(address)} dev ${link}`),
		`\tip link set dev ${link} up`,
		'fi',
	];
}
