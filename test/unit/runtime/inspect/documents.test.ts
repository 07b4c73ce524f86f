import { describe, expect, it } from 'vitest';
import type { RuntimeSpec } from '../../../../src/oci/runtime-spec.ts';
import { bindText, containerMounts } from '../../../../src/runtime/inspect/container-mounts.ts';
import { hostConfig } from '../../../../src/runtime/inspect/host-config.ts';
import { networkSettings } from '../../../../src/runtime/inspect/network-settings.ts';
import { stateDocument, timeText } from '../../../../src/runtime/inspect/state-document.ts';
import type { ContainerState } from '../../../../src/state/container-state.ts';

const progress = { supervisor: 10, init: 11, begun: { setup: 1, init: 1, teardown: 0 } };
const SPEC: RuntimeSpec = { ociVersion: '1.2.0' };
const STATE = { autoRemove: false } as ContainerState;

describe('.State', () => {
	it('of a container that runs', () => {
		const state = stateDocument({
			status: 'running',
			progress: { ...progress, started: 1_700_000_000_000_000_001n },
			isPaused: false,
			oomKilled: false,
		});
		expect(state).toEqual({
			Status: 'running',
			Running: true,
			Paused: false,
			Restarting: false,
			OOMKilled: false,
			Dead: false,
			Pid: 11,
			ExitCode: 0,
			Error: '',
			StartedAt: '2023-11-14T22:13:20.000000001Z',
			FinishedAt: '0001-01-01T00:00:00Z',
		});
	});

	it('of one that has ended at its limit of memory', () => {
		const ended = { ...progress, exitCode: 137, started: 1n, finished: 1_000_000_002n, oomKilled: true } as const;
		expect(stateDocument({ status: 'exited', progress: ended, isPaused: false })).toMatchObject({
			Status: 'exited',
			Running: false,
			Pid: 0,
			ExitCode: 137,
			OOMKilled: true,
			FinishedAt: '1970-01-01T00:00:01.000000002Z',
		});
	});

	it.each([
		['creating', false, 'created'],
		['stopped', false, 'exited'],
		['running', true, 'paused'],
		['restarting', false, 'restarting'],
		['dead', false, 'dead'],
	] as const)('calls %s, paused: %s, %s', (status, isPaused, word) => {
		expect(stateDocument({ status, progress, isPaused })).toMatchObject({ Status: word, OOMKilled: false });
	});

	it('has docker’s word for a time that has not come', () => {
		expect(timeText(undefined)).toBe('0001-01-01T00:00:00Z');
		expect(timeText(0n)).toBe('0001-01-01T00:00:00Z');
	});
});

describe('.HostConfig', () => {
	const of = (spec: Partial<RuntimeSpec>, more: object = {}) =>
		hostConfig({ state: STATE, spec: { ...SPEC, ...spec }, binds: [], ports: [], ...more });

	it('has 0 and null for what is not limited', () => {
		expect(of({})).toMatchObject({
			Memory: 0,
			CpuQuota: 0,
			CpusetCpus: '',
			PidsLimit: null,
			MemorySwappiness: null,
			OomKillDisable: false,
			Binds: null,
			PortBindings: {},
			RestartPolicy: { Name: 'no', MaximumRetryCount: 0 },
			LogConfig: { Type: 'none', Config: {} },
		});
	});

	it('has the limits of the specification, in its units', () => {
		const resources = {
			memory: { limit: 1 << 20, swap: -1, reservation: 5, swappiness: 0, disableOOMKiller: true },
			cpu: { quota: 50_000, period: 100_000, shares: 7, cpus: '0-1', mems: '0' },
			pids: { limit: 9 },
			blockIO: { weight: 300 },
		};
		expect(of({ linux: { resources } })).toMatchObject({
			Memory: 1 << 20,
			MemorySwap: -1,
			MemoryReservation: 5,
			MemorySwappiness: 0,
			OomKillDisable: true,
			CpuQuota: 50_000,
			CpuPeriod: 100_000,
			CpuShares: 7,
			CpusetCpus: '0-1',
			CpusetMems: '0',
			PidsLimit: 9,
			BlkioWeight: 300,
		});
	});

	it('has ports as they were asked for', () => {
		const ports = [
			{ port: 80, protocol: 'tcp', hostPorts: { first: 8080, last: 8080 } },
			{ port: 80, protocol: 'tcp', hostAddress: '127.0.0.1', hostPorts: { first: 9000, last: 9010 } },
			{ port: 53, protocol: 'udp', hostPorts: { first: 0, last: 0 } },
		];
		expect(of({}, { ports })).toMatchObject({
			PortBindings: {
				'80/tcp': [
					{ HostIp: '', HostPort: '8080' },
					{ HostIp: '127.0.0.1', HostPort: '9000-9010' },
				],
				'53/udp': [{ HostIp: '', HostPort: '' }],
			},
		});
	});

	it('has the restart policy', () => {
		const run = { restart: { kind: 'on-failure', tries: 3 } };
		expect(of({}, { state: { ...STATE, run } })).toMatchObject({
			RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 3 },
		});
	});

	it.each([
		[{ network: { kind: 'networks', networks: [{ name: 'blue' }, { name: 'red' }] } }, { NetworkMode: 'blue' }],
		[{ network: { kind: 'container', container: 'other' } }, { NetworkMode: 'container:other' }],
		[{ network: { kind: 'path', path: '/run/netns/x' } }, { NetworkMode: 'ns:/run/netns/x' }],
		[{ network: { kind: 'host' } }, { NetworkMode: 'host' }],
		[
			{ network: { kind: 'none' }, pid: { kind: 'host' } },
			{ NetworkMode: 'none', PidMode: 'host', IpcMode: 'private' },
		],
	])('says whose namespaces it is in: %j', (joins, expected) => {
		const own = { kind: 'private' };
		expect(of({}, { joins: { pid: own, ipc: own, uts: own, ...joins } })).toMatchObject(expected);
	});

	it('tells that of a bundle from its namespaces', () => {
		const linux = { namespaces: [{ type: 'network' as const }, { type: 'pid' as const }] };
		expect(of({ linux })).toMatchObject({
			NetworkMode: 'none',
			PidMode: 'private',
			IpcMode: 'host',
			UsernsMode: 'host',
		});
	});
});

describe('.Mounts', () => {
	const mounts = [
		{ destination: '/proc', type: 'proc', source: 'proc' },
		{ destination: '/etc/hosts', type: 'bind', source: '/data/c1/hosts', options: ['rbind'] },
		{ destination: '/in', type: 'bind', source: '/srv', options: ['rbind', 'ro', 'rslave'] },
		{ destination: '/db', source: '/data/volumes/db/_data', options: ['rbind', 'rprivate'] },
	];
	const found = containerMounts(mounts, {
		own: '/data/c1',
		volumes: [{ name: 'db', destination: '/db', isAnonymous: false } as never],
	});

	it('are what of the host is in the container, without its own files', () => {
		expect(found).toEqual([
			{ Type: 'bind', Source: '/srv', Destination: '/in', Mode: 'ro', RW: false, Propagation: 'rslave' },
			{
				Type: 'volume',
				Name: 'db',
				Source: '/data/volumes/db/_data',
				Destination: '/db',
				Driver: 'local',
				Mode: '',
				RW: true,
				Propagation: 'rprivate',
			},
		]);
	});

	it('read as -v was given', () => {
		expect(found.map(bindText)).toEqual(['/srv:/in:ro', 'db:/db']);
	});
});

describe('.NetworkSettings', () => {
	it('have both families of the first network at the top, and each network below', () => {
		const endpoint = {
			network: 'blue',
			interface: 'eth0',
			hostInterface: 'ts0123',
			names: ['web'],
			mac: '02:00:00:00:00:01',
			addresses: ['10.0.0.2/24', 'fd00::2/64'],
			gateways: ['10.0.0.1', 'fd00::1'],
		};
		const networks = {
			endpoints: [endpoint],
			ports: [{ protocol: 'tcp', hostAddress: '0.0.0.0', hostPort: 8080, port: 80 }],
		};
		expect(networkSettings(networks as never, 42)).toMatchObject({
			SandboxKey: '/proc/42/ns/net',
			Ports: { '80/tcp': [{ HostIp: '0.0.0.0', HostPort: '8080' }] },
			IPAddress: '10.0.0.2',
			IPPrefixLen: 24,
			Gateway: '10.0.0.1',
			GlobalIPv6Address: 'fd00::2',
			GlobalIPv6PrefixLen: 64,
			IPv6Gateway: 'fd00::1',
			Networks: { blue: { Interface: 'eth0', Aliases: ['web'], IPAddress: '10.0.0.2' } },
		});
	});

	it('are empty without networks', () => {
		expect(networkSettings(undefined, 0)).toMatchObject({ SandboxKey: '', Ports: {}, IPAddress: '', Networks: {} });
	});
});
