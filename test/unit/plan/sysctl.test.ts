import { expect, it } from 'vitest';
import { sysctlWrites } from '../../../src/plan/sysctl.ts';

it('names the file of each parameter, and its field', () => {
	const sysctl = { 'net.core.somaxconn': '1', 'net/ipv4/conf/eth0.7/forwarding': '0' };
	expect(sysctlWrites({ ociVersion: '1.0.2', linux: { sysctl } })).toMatchObject([
		{ path: 'sys/net/core/somaxconn', data: '1', from: '/linux/sysctl/net.core.somaxconn' },
		{
			path: 'sys/net/ipv4/conf/eth0.7/forwarding',
			data: '0',
			from: '/linux/sysctl/net~1ipv4~1conf~1eth0.7~1forwarding',
		},
	]);
	expect(sysctlWrites({ ociVersion: '1.0.2' })).toEqual([]);
});
