import { expect, it } from 'vitest';
import type { RunOptions } from '../../../src/spec/run-options.ts';
import { specSysctl } from '../../../src/spec/spec-sysctl.ts';
import { specInput } from './spec-input-fixture.ts';

const ping = { 'net.ipv4.ping_group_range': '0 2147483647' };
const ports = { 'net.ipv4.ip_unprivileged_port_start': '0' };

it.each<[Partial<RunOptions>, object]>([
	[{}, { ...ping, ...ports }],
	[{ network: { kind: 'host' } }, {}],
	[{ network: { kind: 'container', container: 'web' } }, {}],
	[{ userns: { kind: 'private' } }, ports],
	[
		{ sysctl: { 'net.ipv4.ip_unprivileged_port_start': '80', 'net.a': '1' } },
		{ ...ping, 'net.ipv4.ip_unprivileged_port_start': '80', 'net.a': '1' },
	],
])('sets for %j', (options, sysctl) => {
	expect(specSysctl(specInput(options))).toEqual(sysctl);
});

it('sets nothing that an old kernel does not have', () => {
	const input = specInput();
	expect(specSysctl({ ...input, host: { ...input.host, kernel: { major: 4, minor: 10 } } })).toEqual(ping);
});
