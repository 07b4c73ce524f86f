import { expect, it } from 'vitest';
import { withHostGateway } from '../../../src/spec/host-gateway.ts';
import { hostsFile } from '../../../src/spec/hosts-file.ts';
import { expectBadFlag } from './expect-bad-flag.ts';

const input = {
	hostname: 'c1',
	domainname: undefined,
	addHosts: [
		{ name: 'outer', address: 'host-gateway' },
		{ name: 'db', address: '10.0.0.5' },
	],
	loopbackOnly: false,
	networkHost: false,
	hostFile: undefined,
};

it('puts the gateway in the place of its word, and nothing elsewhere', () => {
	const text = withHostGateway(hostsFile(input), '10.160.0.1');
	expect(text).toContain('10.160.0.1\touter\n10.0.0.5\tdb\n');
	expect(text).not.toContain('host-gateway');
});

it('is the loopback on the host’s network', () => {
	expect(hostsFile({ ...input, networkHost: true })).toContain('127.0.0.1\touter\n10.0.0.5\tdb\n');
});

it('refuses a container without a gateway, by the flag', () => {
	expectBadFlag(() => withHostGateway(hostsFile(input), undefined), '--add-host', 'outer:host-gateway');
	expect(withHostGateway('127.0.0.1\tlocalhost\n', undefined)).toBe('127.0.0.1\tlocalhost\n');
});
