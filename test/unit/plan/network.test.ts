import { expect, it } from 'vitest';
import { compileNetwork, networkTeardown } from '../../../src/plan/network.ts';
import type { NetworkInput } from '../../../src/plan/network-input.ts';

const INPUT: NetworkInput = {
	endpoints: [
		{
			network: 'app',
			bridge: { name: 'tsrun7', index: 3, internal: false },
			masquerade: true,
			host: { name: 'tsr0123456780', index: 500 },
			guest: { name: 'eth0', index: 100, mac: Uint8Array.of(2, 0x42, 10, 0, 0, 2) },
			addresses: [{ address: Uint8Array.of(10, 0, 0, 2), prefix: 24 }],
			linkLocal: [],
			gateways: [Uint8Array.of(10, 0, 0, 1)],
		},
	],
	ports: [{ protocol: 6, hostPort: 8080, address: Uint8Array.of(10, 0, 0, 2), port: 80 }],
	farewell: ['/usr/bin/node', 'tsrun', 'network-left'],
};

it('moves the pair while init waits in its network namespace, then makes the rules', () => {
	const { setup, turn, init } = compileNetwork(INPUT);
	expect(setup.map(({ op }) => op)).toEqual(['turn', 'moveLink', 'netlink', 'netfilter']);
	expect(setup[3]?.why).toBe('the table inet tsrun, with 10.0.0.2 and the ports 8080→80/tcp');
	expect(turn.map(({ op }) => op)).toEqual(['turn']);
	expect(init.map(({ why }) => why)).toEqual([
		'eth0 has 10.0.0.2/24',
		'bring up eth0',
		'all else goes to 10.0.0.1, the host in network app',
	]);
});

it('has no IPv6 where the network has none', () => {
	expect(compileNetwork(INPUT).writes).toMatchObject([{ path: 'sys/net/ipv6/conf/eth0/disable_ipv6', data: '1' }]);
});

it('says farewell and undoes each element by itself, then the table if unused, and the pair: once they were begun', () => {
	const plan = compileNetwork(INPUT);
	const teardown = networkTeardown(plan, plan.setup);
	expect(teardown.map(({ op, after, tolerate }) => [op, after, tolerate?.[0]])).toEqual([
		['hook', 3, 2],
		['netfilter', 3, 2],
		['netfilter', 3, 2],
		['netfilter', 3, 2],
		['netlink', 1, 19],
	]);
});

it('does nothing where there is no network', () => {
	expect(compileNetwork(undefined)).toEqual({ setup: [], turn: [], init: [], writes: [], teardown: [] });
});
