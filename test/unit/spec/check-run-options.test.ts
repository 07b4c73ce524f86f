import { expect, it } from 'vitest';
import { checkRunOptions } from '../../../src/spec/check-run-options.ts';
import { DEFAULT_RUN_OPTIONS, type RunOptions } from '../../../src/spec/run-options.ts';
import { thrownBy } from './expect-bad-flag.ts';

const MiB = 1024 ** 2;
const volume = { kind: 'volume', destination: '/a' } as const;
const joined = { kind: 'container', container: 'web' } as const;

it.each<[string, Partial<RunOptions>]>([
	['nothing', {}],
	['the smallest memory', { resources: { memory: 6 * MiB } }],
	['swap as large as memory', { resources: { memory: 8 * MiB, memorySwap: 8 * MiB } }],
	['unlimited swap', { resources: { memory: 8 * MiB, memorySwap: -1 } }],
	['quota and period', { resources: { cpuPeriod: 100000, cpuQuota: 50000 } }],
	['sysctls of new namespaces', { sysctl: { 'net.ipv4.ip_forward': '1', 'kernel.shmmax': '1' } }],
	['two mounts', { mounts: [volume, { ...volume, destination: '/b' }] }],
])('takes %s', (_, options) => {
	expect(() => checkRunOptions({ ...DEFAULT_RUN_OPTIONS, ...options })).not.toThrow();
});

it.each<[string, Partial<RunOptions>]>([
	['--memory', { resources: { memory: 6 * MiB - 1 } }],
	['--mount', { mounts: [{ ...volume, subpath: 'a' }], userns: { kind: 'private' } }],
	['--memory-reservation', { resources: { memoryReservation: 1 } }],
	['--memory-reservation', { resources: { memory: 8 * MiB, memoryReservation: 9 * MiB } }],
	['--memory-swap', { resources: { memorySwap: 8 * MiB } }],
	['--memory-swap', { resources: { memory: 8 * MiB, memorySwap: 7 * MiB } }],
	['--cpus', { resources: { nanoCpus: 1e9, cpuQuota: 5000 } }],
	['--cpus', { resources: { nanoCpus: 1e9, cpuPeriod: 5000 } }],
	['--hostname', { hostname: 'a', uts: { kind: 'host' } }],
	['--domainname', { domainname: 'a', uts: { kind: 'host' } }],
	['--hostname', { hostname: 'a', network: joined }],
	['--add-host', { addHosts: [{ name: 'a', address: '::1' }], network: joined }],
	['--add-host', { addHosts: [{ name: 'a', address: 'host-gateway' }], network: { kind: 'none' } }],
	['--dns', { dns: ['::1'], network: joined }],
	['--dns-search', { dnsSearch: ['a'], network: joined }],
	['--dns-option', { dnsOptions: ['a'], network: joined }],
	['--volume', { mounts: [volume, volume] }],
	['--sysctl', { sysctl: { 'net.ipv4.ip_forward': '1' }, network: { kind: 'host' } }],
	['--sysctl', { sysctl: { 'net.ipv4.ip_forward': '1' }, network: joined }],
	['--sysctl', { sysctl: { 'kernel.shmmax': '1' }, ipc: { kind: 'host' } }],
	['--sysctl', { sysctl: { 'user.max_user_namespaces': '1' } }],
	['--sysctl', { sysctl: { 'kernel.core_pattern': '|/x' } }],
])('refuses %s in %j', (flag, options) => {
	const error = thrownBy(() => checkRunOptions({ ...DEFAULT_RUN_OPTIONS, ...options })) as Error;
	expect(error).toMatchObject({ code: 'TSRUN_BAD_FLAG' });
	expect(error.message.startsWith(`${flag} "`)).toBe(true);
});
