import { expect, it } from 'vitest';
import { parseSubnet, type Subnet } from '../../../../src/core/ip-address.ts';
import { chooseSubnets, type TakenSubnet } from '../../../../src/runtime/network/choose-subnets.ts';

const NOTHING = { subnets: [], gateways: [], ranges: [], ipv6: false, isLarge: false };
const taken = (text: string, owner: string): TakenSubnet => ({ subnet: parseSubnet(text) as Subnet, owner });

it('chooses one that nobody has, and its first address for the host', () => {
	expect(chooseSubnets(NOTHING, [])).toEqual([{ subnet: '10.160.0.0/24', gateway: '10.160.0.1' }]);
	expect(chooseSubnets({ ...NOTHING, isLarge: true }, [taken('10.144.0.0/15', 'the route to eth0')])).toEqual([
		{ subnet: '10.146.0.0/16', gateway: '10.146.0.1' },
	]);
	expect(() => chooseSubnets(NOTHING, [taken('10.0.0.0/8', 'the route to eth0')])).toThrow(
		'no subnet of 10.144.0.0 to 10.175.255.255 is free',
	);
});

it('with IPv6 one with random bits', () => {
	const [, six] = chooseSubnets({ ...NOTHING, ipv6: true }, []);
	expect(six?.subnet).toMatch(/^fd[0-9a-f:]+::\/64$/);
	expect(six?.gateway).toMatch(/^fd.*::1$/);
});

it('takes what is asked for, IPv4 first', () => {
	const wanted = { ...NOTHING, ipv6: true, subnets: ['fd99::/64', '10.9.0.0/24'], gateways: ['10.9.0.254'] };
	expect(chooseSubnets({ ...wanted, ranges: ['10.9.0.128/25'] }, [])).toEqual([
		{ subnet: '10.9.0.0/24', gateway: '10.9.0.254', range: '10.9.0.128/25' },
		{ subnet: 'fd99::/64', gateway: 'fd99::1' },
	]);
});

it.each([
	[{ subnets: ['10.9.0.0'] }, '--subnet "10.9.0.0" is no subnet'],
	[{ subnets: ['10.9.0.0/31'] }, '--subnet "10.9.0.0/31" has no room for a gateway and a container'],
	[{ subnets: ['10.9.0.0/24', '10.8.0.0/24'] }, '--subnet "10.8.0.0/24" is a second one of its family'],
	[{ subnets: ['fd99::/64'] }, '--subnet "fd99::/64" is of IPv6'],
	[{ subnets: ['10.9.0.0/24'], gateways: ['10.8.0.1'] }, '--gateway "10.8.0.1" is in no subnet of the network'],
	[{ subnets: ['10.9.0.0/24'], ranges: ['10.9.0.0/16'] }, '--ip-range "10.9.0.0/16" is in no subnet of the network'],
	[{ gateways: ['here'] }, '--gateway "here" is no IP address'],
	[{ subnets: ['10.50.0.0/16'] }, 'subnet 10.50.0.0/16 overlaps 10.50.1.0/24 of network web'],
])('%j is refused by name', (wanted, message) => {
	expect(() => chooseSubnets({ ...NOTHING, ...wanted }, [taken('10.50.1.0/24', 'network web')])).toThrow(message);
});
