import { expect, it } from 'vitest';
import { sysctlPath } from '../../../src/oci/sysctl-path.ts';

it.each([
	['net.ipv4.ip_forward', 'net/ipv4/ip_forward'],
	['net/ipv4/ip_forward', 'net/ipv4/ip_forward'],
	['net/ipv4/conf/eno2.100/rp_filter', 'net/ipv4/conf/eno2.100/rp_filter'],
	['net.ipv4.conf.eno2/100.rp_filter', 'net/ipv4/conf/eno2.100/rp_filter'],
	['kernel', 'kernel'],
])('%s is %s below /proc/sys', (name, path) => {
	expect(sysctlPath(name)).toBe(path);
});
