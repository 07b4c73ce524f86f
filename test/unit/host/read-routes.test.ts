import { expect, it } from 'vitest';
import { subnetText } from '../../../src/core/ip-address.ts';
import { parseRoutes, parseRoutes6 } from '../../../src/host/read-routes.ts';

it('reads routes of IPv4, but for the default one', () => {
	const text = [
		'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT',
		'eth0\t00000000\t0100A00A\t0003\t0\t0\t0\t00000000\t0\t0\t0',
		'eth0\t0000A00A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0',
		'',
	].join('\n');
	expect(parseRoutes(text).map(({ device, subnet }) => [device, subnetText(subnet)])).toEqual([
		['eth0', '10.160.0.0/24'],
	]);
});

it('reads routes of IPv6, but for those of links, loopback and multicast', () => {
	const line = (destination: string, length: string, device: string): string =>
		`${destination} ${length} ${'0'.repeat(32)} 00 ${'0'.repeat(32)} 00000100 00000001 00000000 00000001 ${device}`;
	const text = [
		line('fd990000000000000000000000000000', '40', '  br0'),
		line('fe800000000000000000000000000000', '40', '  br0'),
		line('00000000000000000000000000000001', '80', '   lo'),
		line('ff000000000000000000000000000000', '08', '  br0'),
		line('00000000000000000000000000000000', '00', '  br0'),
	].join('\n');
	expect(parseRoutes6(text).map(({ device, subnet }) => [device, subnetText(subnet)])).toEqual([['br0', 'fd99::/64']]);
});
