import { expect, it } from 'vitest';
import type { NamespaceMode, RunOptions } from '../../../src/spec/run-options.ts';
import type { SpecInput } from '../../../src/spec/spec-input.ts';
import { isNewNamespace, specMappings, specNamespaces } from '../../../src/spec/spec-namespaces.ts';
import { specInput } from './spec-input-fixture.ts';

const other: NamespaceMode = { kind: 'container', container: 'web' };
const mount = { type: 'mount' };
const rest = [{ type: 'uts' }, { type: 'pid' }, { type: 'ipc' }, { type: 'cgroup' }];

it.each<[string, Partial<RunOptions>, SpecInput['joined'], readonly object[]]>([
	['everything', {}, {}, [mount, { type: 'network' }, ...rest]],
	['all but the network', { network: { kind: 'host' } }, {}, [mount, ...rest]],
	[
		'all but the pids',
		{ pid: { kind: 'host' } },
		{},
		[mount, { type: 'network' }, { type: 'uts' }, { type: 'ipc' }, { type: 'cgroup' }],
	],
	['all but the cgroups', { cgroupns: 'host' }, {}, [mount, { type: 'network' }, ...rest.slice(0, 3)]],
	[
		'all, one of another container',
		{ network: other },
		{ network: '/proc/7/ns/net' },
		[mount, { type: 'network', path: '/proc/7/ns/net' }, ...rest],
	],
	['users too', { userns: { kind: 'private' } }, {}, [{ type: 'user' }, mount, { type: 'network' }, ...rest]],
	[
		"the other container's users",
		{ network: other },
		{ network: '/n', user: '/u' },
		[{ type: 'user', path: '/u' }, mount, { type: 'network', path: '/n' }, ...rest],
	],
])('makes its own: %s', (_, options, joined, namespaces) => {
	expect(specNamespaces(specInput(options, { joined }))).toEqual(namespaces);
});

it('maps ids only for a user namespace of its own', () => {
	const idRange = { first: 100_000, size: 65_536 };
	expect(specMappings(specInput({}, { idRange }))).toBeUndefined();
	expect(specMappings(specInput({ userns: { kind: 'private' } }, { idRange }))).toEqual([
		{ containerID: 0, hostID: 100_000, size: 65_536 },
	]);
	expect(
		specMappings(
			specInput({ userns: { kind: 'private' }, network: other }, { idRange, joined: { network: '/n', user: '/u' } }),
		),
	).toBeUndefined();
});

it('does not invent what the caller has not given', () => {
	expect(() => specNamespaces(specInput({ pid: other }))).toThrow('no path for the pid namespace');
	expect(() => specMappings(specInput({ userns: { kind: 'private' } }))).toThrow('no range of ids');
});

it('counts a network without interfaces as new', () => {
	expect(isNewNamespace(specInput({ network: { kind: 'none' } }), 'network')).toBe(true);
	expect(isNewNamespace(specInput({ network: { kind: 'host' } }), 'network')).toBe(false);
});
