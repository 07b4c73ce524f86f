import { expect, it } from 'vitest';
import { validateSpec } from '../../../../src/spec/validate-spec.ts';
import { configWith, expectBadConfig, NEW } from './config-fixture.ts';

const withDevices = (netDevices: unknown) =>
	configWith('/linux/netDevices', netDevices, configWith('/linux/namespaces', NEW('network')));

it.each([{ eth1: {} }, { eth1: { name: '' }, eth2: { name: 'lan' } }, { a: { name: 'eth%d' }, b: { name: 'eth%d' } }])(
	'takes %j',
	devices => {
		expect(() => validateSpec(withDevices(devices))).not.toThrow();
	},
);

it.each([
	[{ 'a b': {} }, '/a b'],
	[{ '..': {} }, '/..'],
	[{ 'a/b': {} }, '/a~1b'],
	[{ eth1: { name: 'longer-than-a-name' } }, '/eth1/name'],
	[{ eth1: { name: 'a:b' } }, '/eth1/name'],
	[{ eth1: { name: 'eth2' }, eth2: {} }, '/eth2/name'],
	[{ eth1: 'eth2' }, '/eth1'],
])('refuses %j', (devices, place) => {
	expectBadConfig(withDevices(devices), `/linux/netDevices${place}`);
});

it('moves nothing into the network of the host', () => {
	const config = configWith('/linux/netDevices', { eth1: {} });
	expect(expectBadConfig(config, '/linux/netDevices').message).toContain(
		'unable to move network devices without a NET namespace',
	);
});
