import { expect, it } from 'vitest';
import { validateSpec } from '../../../../src/spec/validate-spec.ts';
import { configWith, expectBadConfig } from './config-fixture.ts';

it.each(['', '/a/b', 'a', 'system.slice:tsrun:web', '/a..b'])('takes the cgroups path %j', path => {
	expect(() => validateSpec(configWith('/linux/cgroupsPath', path))).not.toThrow();
});

it.each(['..', '/..', '/a/../../b', 'a/..', '/./a', 'x:..:y', '/a\nb', '/a\0', `/${'x'.repeat(2048)}`])(
	'refuses the cgroups path %j',
	path => {
		expectBadConfig(configWith('/linux/cgroupsPath', path), '/linux/cgroupsPath');
	},
);

it('refuses a huge cpuset without expanding it (CVE-2018-20699)', () => {
	expectBadConfig(configWith('/linux/resources/cpu', { cpus: '0-2147483647' }), '/linux/resources/cpu/cpus');
	expectBadConfig(configWith('/linux/resources/cpu', { mems: '0,'.repeat(5_000_000) }), '/linux/resources/cpu/mems');
	expectBadConfig(configWith('/linux/resources/cpu', { cpus: '0-1\n2' }), '/linux/resources/cpu/cpus');
	expect(() => validateSpec(configWith('/linux/resources/cpu', { cpus: '0-1', mems: '' }))).not.toThrow();
});

it('knows page sizes', () => {
	const limits = (pageSize: string) => configWith('/linux/resources/hugepageLimits', [{ pageSize, limit: 1 }]);
	for (const size of ['2MB', '64KB', '1GB']) expect(() => validateSpec(limits(size))).not.toThrow();
	for (const size of ['', '2M', '2mb', '../x', '2MB/x', '0MB']) {
		expectBadConfig(limits(size), '/linux/resources/hugepageLimits/0/pageSize');
	}
});

it.each([
	['memory.high', undefined],
	['hugetlb.2MB.max', undefined],
	['../x', '/linux/resources/unified/..~1x'],
	['memory', '/linux/resources/unified/memory'],
	['a/b.c', '/linux/resources/unified/a~1b.c'],
	['memory.high/../../x', '/linux/resources/unified/memory.high~1..~1..~1x'],
])('judges the cgroup file %j', (key, place) => {
	const config = configWith('/linux/resources/unified', { [key]: '1' });
	if (place === undefined) expect(() => validateSpec(config)).not.toThrow();
	else expectBadConfig(config, place);
});

it('takes what docker writes for a swappiness that is not set', () => {
	const read = (text: string) =>
		validateSpec(configWith('/linux/resources/memory', { swappiness: JSON.parse(text) })).linux?.resources?.memory;
	expect(['18446744073709551615', '-1', '0', '100'].map(text => read(text)?.swappiness)).toEqual([-1, -1, 0, 100]);
	expectBadConfig(configWith('/linux/resources/memory', { swappiness: 101 }), '/linux/resources/memory/swappiness');
});

it('takes network, RDMA, real-time and leaf weights, and knows their numbers', () => {
	const resources = {
		network: { classID: 4_294_967_295, priorities: [{ name: 'eth0', priority: 1 }] },
		rdma: { mlx5_1: { hcaHandles: 3 } },
		cpu: { realtimeRuntime: -1, realtimePeriod: 1_000_000 },
		blockIO: { leafWeight: 10, weightDevice: [{ major: 8, minor: 0, weight: 10, leafWeight: 20 }] },
		memory: { kernel: 1, kernelTCP: 1, useHierarchy: true, checkBeforeUpdate: true },
	};
	expect(validateSpec(configWith('/linux/resources', resources)).linux?.resources).toEqual(resources);
	expectBadConfig(configWith('/linux/resources/network', { classID: 2 ** 32 }), '/linux/resources/network/classID');
	expectBadConfig(configWith('/linux/resources/rdma', { x: { hcaObjects: -1 } }), '/linux/resources/rdma/x/hcaObjects');
});
