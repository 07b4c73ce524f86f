import { describe, expect, it } from 'vitest';
import type { TsrunError } from '../../../src/core/errors.ts';
import type { Linux, RuntimeSpec } from '../../../src/oci/runtime-spec.ts';
import { requireNamespaces } from '../../../src/plan/require-namespaces.ts';
import type { NamespaceFile } from '../../../src/plan/spec-facts.ts';
import { thrownBy } from '../spec/expect-bad-flag.ts';
import { UNIFIED } from './cgroup/hosts.ts';

const MAPS = [{ containerID: 0, hostID: 1000, size: 10 }];
const file = (type: string, isOwn = false): NamespaceFile =>
	({ kind: 'namespace', type, isOwn, ids: { uid: MAPS, gid: MAPS } }) as NamespaceFile;

const require = (linux: Linux, found: Readonly<Record<string, NamespaceFile>>, rest: Partial<RuntimeSpec> = {}) =>
	requireNamespaces({ ociVersion: '1.3.0', linux, ...rest }, { namespaces: UNIFIED.namespaces, namespaceFiles: found });

const joins = (type: string, path = '/ns') => ({ namespaces: [{ type: 'mount' }, { type, path }] }) as Linux;

function refusal(linux: Linux, found: NamespaceFile, rest: Partial<RuntimeSpec> = {}): TsrunError {
	const error = thrownBy(() => require(linux, { '/ns': found }, rest)) as TsrunError;
	expect(error).toMatchObject({ name: 'TsrunError', code: 'TSRUN_BAD_CONFIG' });
	return error;
}

it.each(['pid', 'network', 'ipc', 'uts', 'cgroup', 'time', 'user'])(
	'joins a %s namespace of another container',
	type => {
		expect(() => require(joins(type), { '/ns': file(type === 'network' ? 'net' : type) })).not.toThrow();
	},
);

it('refuses a namespace of another type by its field, before anything is done', () => {
	expect(refusal(joins('network'), file('ipc')).message).toBe(
		'config.json /linux/namespaces/1/path: /ns is a namespace of type ipc, not net',
	);
});

it.each<[NamespaceFile, RegExp]>([
	[{ kind: 'other' }, /\/ns is no namespace$/],
	[{ kind: 'unreadable', errno: 2 }, /\/ns cannot be opened: no such file or directory$/],
])('refuses %j', (found, message) => {
	expect(refusal(joins('pid'), found).message).toMatch(message);
});

it('names the kernel that lacks a type', () => {
	const namespaces = UNIFIED.namespaces.filter(type => type !== 'time');
	const error = thrownBy(() =>
		requireNamespaces({ ociVersion: '1.3.0', linux: { namespaces: [{ type: 'time' }] } }, { namespaces }),
	) as TsrunError;
	expect(error).toMatchObject({ code: 'TSRUN_UNSUPPORTED' });
	expect(error.message).toBe('config.json /linux/namespaces/0/type: this kernel has no time namespaces');
});

describe('the namespace that tsrun is in', () => {
	it('cannot be joined where it is the mount namespace, whose root would be that of the container', () => {
		const linux = { namespaces: [{ type: 'mount', path: '/ns' }] } as Linux;
		expect(refusal(linux, file('mnt', true)).message).toBe(
			'config.json /linux/namespaces/0/path: /ns is the mount namespace that tsrun is in, whose root would be another',
		);
		expect(() => require(linux, { '/ns': file('mnt') })).not.toThrow();
	});

	it('cannot be joined where it is the user namespace', () => {
		expect(refusal(joins('user'), file('user', true)).hint).toBe('leave the entry out');
	});

	it.each<[string, Partial<Linux>, Partial<RuntimeSpec>, string]>([
		['uts', {}, { hostname: 'web' }, '/hostname'],
		['uts', {}, { domainname: 'web' }, '/domainname'],
		['uts', { sysctl: { 'kernel.domainname': 'x' } }, {}, '/linux/sysctl'],
		['network', { sysctl: { 'net.core.somaxconn': '1' } }, {}, '/linux/sysctl'],
		['network', { sysctl: { 'net/core/somaxconn': '1' } }, {}, '/linux/sysctl'],
		['network', { netDevices: { eth1: {} } }, {}, '/linux/netDevices'],
		['ipc', { sysctl: { 'kernel.shmmax': '1' } }, {}, '/linux/sysctl'],
		['ipc', { sysctl: { 'fs.mqueue.msg_max': '1' } }, {}, '/linux/sysctl'],
	])('is not changed: %s, %j %j', (type, linux, rest, pointer) => {
		const found = file(type === 'network' ? 'net' : type, true);
		const error = refusal({ ...joins(type), ...linux }, found, rest);
		expect(error.message).toBe(
			`config.json ${pointer}: would change the host, whose ${type} namespace /linux/namespaces/1/path joins`,
		);
	});

	it('can be joined where nothing of it is changed', () => {
		expect(() => require(joins('network'), { '/ns': file('net', true) })).not.toThrow();
	});
});

describe('mappings beside a user namespace that is joined', () => {
	it('may say what it has', () => {
		expect(() =>
			require({ ...joins('user'), uidMappings: MAPS, gidMappings: MAPS }, { '/ns': file('user') }),
		).not.toThrow();
	});

	it('may not say anything else', () => {
		const linux = { ...joins('user'), uidMappings: MAPS, gidMappings: [{ containerID: 0, hostID: 1, size: 1 }] };
		expect(refusal(linux, file('user')).message).toContain('has other ids');
	});
});
