import { describe, expect, it } from 'vitest';
import { cgroupsOf, v4Addresses, v6Addresses } from '../../../src/host/read-process-view.ts';

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

it('knows the cgroup in each hierarchy that is mounted, and in no other', () => {
	const mount = (type: string, options: string): string =>
		`30 20 0:26 / /sys/fs/cgroup/x rw - ${type} ${type} rw,${options}`;
	const mountinfo = [
		mount('cgroup2', 'nsdelegate'),
		mount('cgroup', 'cpu,cpuacct'),
		mount('cgroup', 'xattr,name=systemd'),
		mount('tmpfs', 'memory'),
	].join('\n');
	const text = ['5:memory:/m', '4:cpu,cpuacct:/c:d', '3:pids:/p', '1:name=systemd:/s', '0::/u', ''].join('\n');
	expect(cgroupsOf(text, mountinfo)).toEqual({ 'cpu,cpuacct': '/c:d', 'name=systemd': '/s', unified: '/u' });
	expect(cgroupsOf(text, '')).toEqual({});
});

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
