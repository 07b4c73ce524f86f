import { expect, it } from 'vitest';
import { reachableMount } from '../../../src/oci/kernel-mount.ts';

const mount = (type: string, destination: string) => ({ destination, type, source: type, options: ['nosuid', 'ro'] });
const namespaces =
	(...made: readonly string[]) =>
	(type: string) =>
		made.includes(type);

it.each([
	['proc', '/proc', 'pid'],
	['sysfs', '/sys', 'network'],
	['mqueue', '/dev/mqueue', 'ipc'],
])('binds the %s of the host where a new user namespace shows the host’s', (type, place, shown) => {
	expect(reachableMount(mount(type, '/here'), namespaces('user'))).toEqual({
		destination: '/here',
		type: 'bind',
		source: place,
		options: ['rbind', 'rprivate', 'nosuid', 'ro'],
	});
	for (const made of [[], [shown], ['user', shown]]) {
		expect(reachableMount(mount(type, '/here'), namespaces(...made))).toEqual(mount(type, '/here'));
	}
});

it.each(['tmpfs', 'bind', 'constructor'])('leaves a mount of type %s as it is', type => {
	expect(reachableMount(mount(type, '/here'), namespaces('user'))).toEqual(mount(type, '/here'));
	expect(reachableMount({ destination: '/here' }, namespaces('user'))).toEqual({ destination: '/here' });
});
