import { expect, it } from 'vitest';
import { validateSpec } from '../../../../src/spec/validate-spec.ts';
import { configWith, expectBadConfig, NEW } from './config-fixture.ts';

const map = (containerID: number, hostID: number, size: number) => ({ containerID, hostID, size });
const withUser = (uidMappings: unknown, gidMappings: unknown = uidMappings) =>
	configWith('/linux', { namespaces: NEW('user'), uidMappings, gidMappings });

it.each([
	[[{ type: 'user' }], '/linux/namespaces'],
	[[{ type: 'mount', path: 'ns/mnt' }], '/linux/namespaces/0/path'],
	[NEW('pid', 'pid'), '/linux/namespaces/2/type'],
	[[...NEW(), { type: 'pid', path: 'ns/pid' }], '/linux/namespaces/1/path'],
	[NEW('net'), '/linux/namespaces/1/type'],
	[NEW('constructor'), '/linux/namespaces/1/type'],
])('refuses namespaces %j', (namespaces, place) => {
	expectBadConfig(configWith('/linux/namespaces', namespaces), place);
});

it.each(['maskedPaths', 'readonlyPaths'])('refuses %s where no mount namespace keeps them from the host', field => {
	const linux = { namespaces: [{ type: 'pid' }], [field]: ['/proc/keys'] };
	expectBadConfig(configWith('/linux', linux), `/linux/${field}`);
	expect(validateSpec(configWith('/linux', { ...linux, [field]: [] })).linux?.namespaces).toEqual([{ type: 'pid' }]);
});

it('takes a mount namespace by path', () => {
	const joined = [{ type: 'mount', path: '/proc/7/ns/mnt' }];
	expect(validateSpec(configWith('/linux/namespaces', joined)).linux?.namespaces).toEqual(joined);
});

it('takes an empty path for none, as Go writes it', () => {
	const config = configWith('/linux/namespaces', [...NEW(), { type: 'pid', path: '' }]);
	expect(validateSpec(config).linux?.namespaces).toEqual(NEW('pid'));
});

const JOINED = (type: string) => [...NEW(), { type, path: `/proc/7/ns/${type}` }];

it.each(['hostname', 'domainname'])('sets the %s only in another uts namespace than the host’s', field => {
	expectBadConfig(configWith(`/${field}`, 'web'), `/${field}`);
	expect(validateSpec(configWith(`/${field}`, ''))).not.toHaveProperty(field);
	expect(() =>
		validateSpec(configWith('/linux/namespaces', JOINED('uts'), configWith(`/${field}`, 'web'))),
	).not.toThrow();
	expect(() => validateSpec(configWith('/linux/namespaces', NEW('uts'), configWith(`/${field}`, 'web')))).not.toThrow();
	expectBadConfig(configWith('/linux/namespaces', NEW('uts'), configWith(`/${field}`, 'x'.repeat(65))), `/${field}`);
});

it('takes the id maps of a user namespace', () => {
	expect(() => validateSpec(withUser([map(0, 100_000, 1000), map(1000, 1000, 1)]))).not.toThrow();
	expect(() => validateSpec(withUser([map(0, 0, 4_294_967_295)]))).not.toThrow();
});

it.each([
	['none', withUser([]), '/linux/uidMappings'],
	['none for groups', withUser([map(0, 1, 1)], []), '/linux/gidMappings'],
	['an empty line', withUser([map(0, 1, 0)]), '/linux/uidMappings/0/size'],
	['a line beyond the last id', withUser([map(0, 4_294_967_000, 1000)]), '/linux/uidMappings/0'],
	['two of the container overlapping', withUser([map(0, 1000, 10), map(9, 5000, 10)]), '/linux/uidMappings/0'],
	['two of the host overlapping', withUser([map(0, 1000, 10), map(10, 1009, 10)]), '/linux/uidMappings/0'],
	['no line for the user', withUser([map(1, 1000, 10)]), '/process/user/uid'],
	['no line for the group', withUser([map(0, 1, 10)], [map(1, 1, 10)]), '/process/user/gid'],
	[
		'no line for another group',
		configWith('/process/user/additionalGids', [5, 10], withUser([map(0, 1, 10)])),
		'/process/user/additionalGids/1',
	],
	['maps without user namespace', configWith('/linux/uidMappings', [map(0, 1, 1)]), '/linux/uidMappings'],
	[
		'more lines than the kernel takes',
		withUser(Array.from({ length: 341 }, (_, index) => map(index, index, 1))),
		'/linux/uidMappings',
	],
])('refuses id maps with %s', (_, config, place) => {
	expectBadConfig(config, place);
});

it('needs no maps to join a user namespace', () => {
	expect(() =>
		validateSpec(configWith('/linux/namespaces', [...NEW(), { type: 'user', path: '/proc/7/ns/user' }])),
	).not.toThrow();
});

it('takes a kernel parameter with its namespace only, new or joined', () => {
	const config = configWith('/linux/sysctl', { 'net.ipv4.ip_forward': '1' });
	expectBadConfig(config, '/linux/sysctl/net.ipv4.ip_forward');
	expect(() => validateSpec(configWith('/linux/namespaces', NEW('network'), config))).not.toThrow();
	expect(() => validateSpec(configWith('/linux/namespaces', JOINED('network'), config))).not.toThrow();
});

it('takes the mappings of a user namespace that it joins, as engines write them', () => {
	const config = withUser([map(0, 100_000, 1000)]);
	expect(() => validateSpec(configWith('/linux/namespaces', JOINED('user'), config))).not.toThrow();
});

it.each([
	['kernel.core_pattern', '|/x', '/linux/sysctl/kernel.core_pattern'],
	['kernel.shm_rmid_forced+kernel.core_pattern', '1', '/linux/sysctl/kernel.shm_rmid_forced+kernel.core_pattern'],
	['net/../kernel/core_pattern', '1', '/linux/sysctl/net~1..~1kernel~1core_pattern'],
	['net.a', '1\nkernel.core_pattern=|/x', '/linux/sysctl/net.a'],
])('refuses the kernel parameter %j = %j (CVE-2022-0811)', (key, value, place) => {
	const config = configWith('/linux/namespaces', NEW('network', 'ipc', 'uts', 'pid'));
	expectBadConfig(configWith('/linux/sysctl', { [key]: value }, config), place);
});

it('says where the host name goes instead', () => {
	const config = configWith('/linux', { namespaces: NEW('uts'), sysctl: { 'kernel.hostname': 'x' } });
	expect(expectBadConfig(config, '/linux/sysctl/kernel.hostname').hint).toBe('set /hostname instead');
});

it('shifts clocks in a time namespace of its own only', () => {
	const offsets = { monotonic: { secs: 5 }, boottime: { secs: -5, nanosecs: 1 } };
	const config = configWith('/linux/timeOffsets', offsets);
	expectBadConfig(config, '/linux/timeOffsets');
	expect(() => validateSpec(configWith('/linux/namespaces', NEW('time'), config))).not.toThrow();
	expectBadConfig(configWith('/linux/timeOffsets', { realtime: { secs: 1 } }), '/linux/timeOffsets/realtime');
});
