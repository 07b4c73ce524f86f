import { expect, it } from 'vitest';
import { sysctlProblem } from '../../../src/spec/sysctl-problem.ts';

const all = () => true;

it.each([
	['net.ipv4.ip_forward', 'network'],
	['net.core.somaxconn', 'network'],
	['net/ipv4/ip_forward', 'network'],
	['net/ipv4/conf/eth0.7/rp_filter', 'network'],
	['net.ipv4.conf.eth0/7.rp_filter', 'network'],
	['kernel.shmmax', 'ipc'],
	['kernel.shm_rmid_forced', 'ipc'],
	['kernel.msgmax', 'ipc'],
	['kernel.sem', 'ipc'],
	['fs.mqueue.msg_max', 'ipc'],
	['kernel.domainname', 'uts'],
	['user.max_user_namespaces', 'user'],
])('takes %s with a new %s namespace and only then', (key, namespace) => {
	expect(sysctlProblem(key, '1', type => type === namespace)).toBeUndefined();
	expect(sysctlProblem(key, '1', type => type !== namespace)).toContain(namespace);
});

it.each([
	'kernel.core_pattern',
	'kernel.hostname',
	'kernel/hostname',
	'kernel/core_pattern',
	'kernel.shm',
	'vm.swappiness',
	'fs.file-max',
	'fs.mqueue',
	'net',
	'',
])('refuses %j', key => {
	expect(sysctlProblem(key, '1', all)).toBeTypeOf('string');
});

it.each([
	['kernel.shm_rmid_forced=1+kernel.core_pattern', '|/evil'],
	['kernel.shm_rmid_forced+kernel.core_pattern', '1'],
	['net.ipv4..core', '1'],
	['net.../kernel/core_pattern', '1'],
	['net/../kernel/core_pattern', '1'],
	['net.ipv4.conf.../core_pattern.x', '1'],
	['net//ipv4', '1'],
	['/net/ipv4/ip_forward', '1'],
	['net.ipv4.ip_forward\n', '1'],
	['net.ipv4.ip_forward', '1\nkernel.core_pattern=|/evil'],
	['net.ipv4.ip_forward', '1\0'],
])('lets nothing through that could reach another key: %j = %j (CVE-2022-0811)', (key, value) => {
	expect(sysctlProblem(key, value, all)).toBeTypeOf('string');
});
