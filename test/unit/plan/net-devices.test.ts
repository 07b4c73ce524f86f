import { expect, it } from 'vitest';
import { compileNetDevices } from '../../../src/plan/net-devices.ts';
import type { SpecFacts } from '../../../src/plan/spec-facts.ts';
import { thrownBy } from '../spec/expect-bad-flag.ts';
import { UNIFIED } from './cgroup/hosts.ts';
import { isOp, only, planOf, positions } from './plan-fixture.ts';

const FACTS: SpecFacts = {
	networkDevices: { eth1: { index: 5, addresses: [{ family: 2, prefix: 24, bytes: [192, 0, 2, 7] }] } },
};
const hex = (message: unknown): string => Buffer.from(message as Uint8Array).toString('hex');

it('moves by number, with the new name and a place for the pid at the very end', () => {
	const { setup } = compileNetDevices({ linux: { netDevices: { eth1: { name: 'lan' } } } }, FACTS);
	expect(setup.map(({ op }) => op)).toEqual(['turn', 'moveLink']);
	expect(setup[1]).toMatchObject({ from: '/linux/netDevices/eth1' });
	const message = hex((setup[1] as { message?: unknown }).message);
	// RTM_NEWLINK, REQUEST | ACK; ifinfomsg with index 5; IFLA_IFNAME "lan", IFLA_NEW_IFINDEX 5, IFLA_NET_NS_PID 0
	expect(message).toBe(
		'38000000100005000100000000000000' +
			'00000000050000000000000000000000' +
			'080003006c616e00' +
			'0800310005000000' +
			'0800130000000000',
	);
});

it('gives its addresses back and brings it up, in the container', () => {
	const { turn, init } = compileNetDevices({ linux: { netDevices: { eth1: {} } } }, FACTS);
	expect(turn.map(({ op }) => op)).toEqual(['turn']);
	expect(init.map(({ op, why }) => [op, why])).toEqual([
		['netlink', 'give eth1 its address again'],
		['netlink', 'bring up eth1'],
	]);
	// RTM_NEWADDR, CREATE | EXCL; AF_INET /24 of index 5; IFA_LOCAL and IFA_ADDRESS
	expect(hex((init[0] as { message?: unknown }).message)).toBe(
		'28000000140005060100000000000000' + '0218000005000000' + '08000200c0000207' + '08000100c0000207',
	);
});

it('refuses a device that the host does not have', () => {
	const error = thrownBy(() => compileNetDevices({ linux: { netDevices: { eth9: {} } } }, FACTS));
	expect(error).toMatchObject({ code: 'TSRUN_BAD_CONFIG' });
	expect(String(error)).toContain('/linux/netDevices/eth9: link not found for interface eth9');
});

it('does nothing where nothing is asked', () => {
	expect(compileNetDevices({}, {})).toEqual({ setup: [], turn: [], init: [] });
});

it('moves while init waits in its network namespace', () => {
	const { setup, init } = planOf({
		facts: { ...UNIFIED, ...FACTS },
		change: spec => ({ ...spec, linux: { ...spec.linux, netDevices: { eth1: {} } } }),
	});
	const move = only(setup, isOp('moveLink'));
	const turns = positions(setup, isOp('turn'));
	expect(turns).toHaveLength(2);
	expect(turns[0]).toBe(move - 1);
	expect(only(init, isOp('turn'))).toBeLessThan(Math.min(...positions(init, isOp('netlink'))));
});
