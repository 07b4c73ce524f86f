import { describe, expect, it } from 'vitest';
import { v4Addresses, v6Addresses } from '../../../src/host/read-process-view.ts';

const FIB_TRIE = `Main:
  +-- 0.0.0.0/0 3 0 4
     |-- 0.0.0.0
        /0 universe UNICAST
     +-- 192.0.2.0/24 2 0 2
        |-- 192.0.2.0
           /24 link UNICAST
        |-- 192.0.2.2
           /32 host LOCAL
        |-- 192.0.2.255
           /32 link BROADCAST
     |-- 127.0.0.1
        /32 host LOCAL
Local:
  +-- 0.0.0.0/0 3 0 4
        |-- 192.0.2.2
           /32 host LOCAL
`;

describe('addresses of a network namespace', () => {
	it('are those that the tables of routes have as its own, once each and without loopback', () => {
		expect(v4Addresses(FIB_TRIE)).toEqual(['192.0.2.2']);
		expect(v4Addresses('')).toEqual([]);
	});

	it('are of version 6 as well', () => {
		const text = [
			'fd000000000000000000000000000002 02 40 00 80     eth0',
			'00000000000000000000000000000001 01 80 10 80       lo',
			'fe8000000000000000fc00fffe000001 02 40 20 80     eth0',
			'',
		].join('\n');
		expect(v6Addresses(text)).toEqual(['fd00::2', 'fe80::fc:ff:fe00:1']);
		expect(v6Addresses('')).toEqual([]);
	});
});
