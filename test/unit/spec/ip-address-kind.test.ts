import { isIP } from 'node:net';
import { expect, it } from 'vitest';
import { ipAddressKind } from '../../../src/spec/ip-address-kind.ts';

it.each([
	'127.0.0.1',
	'0.0.0.0',
	'255.255.255.255',
	'256.0.0.1',
	'1.2.3',
	'01.2.3.4',
	'1.2.3.4.5',
	'',
	' 1.2.3.4',
	'::',
	'::1',
	'1::',
	'2001:db8::1',
	'1:2:3:4:5:6:7:8',
	'1:2:3:4:5:6:7',
	'1:2:3:4:5:6:7:8:9',
	'1:2:3:4:5:6:7::',
	'::2:3:4:5:6:7:8',
	'1::2::3',
	':1',
	'1:',
	':::',
	'12345::',
	'::ffff:1.2.3.4',
	'1.2.3.4::',
	'::1.2.3',
	'1:2:3:4:5:6:1.2.3.4',
	'1:2:3:4:5:6:7:1.2.3.4',
	'g::',
	'fe80::1\n',
	'::1.2.3.4:5',
	'1:2:3:4:5:6:7:8::',
])('agrees with the system library on %j', text => {
	const kinds = { 0: undefined, 4: 'ipv4', 6: 'ipv6' } as const;
	expect(ipAddressKind(text)).toBe(kinds[isIP(text) as 0 | 4 | 6]);
});
