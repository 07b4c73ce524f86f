import { describe, expect, it } from 'vitest';
import type { RuntimeSpec } from '../../../../src/oci/runtime-spec.ts';
import {
	type CriuFlags,
	type DumpFlags,
	dumpOptions,
	externalNamespaces,
	type RestoreFlags,
	restoreOptions,
} from '../../../../src/plan/criu/criu-options.ts';

const SPEC: RuntimeSpec = {
	ociVersion: '1.2.0',
	mounts: [
		{ destination: '/proc', type: 'proc', source: 'proc' },
		{ destination: '/data', source: '/srv/data', options: ['rbind', 'ro'] },
		{ destination: '/conf', type: 'bind', source: '/etc/conf' },
	],
	linux: {
		namespaces: [
			{ type: 'uts', path: '/run/uts' },
			{ type: 'pid', path: '/run/pid' },
			{ type: 'mount' },
			{ type: 'network', path: '/run/netns/x' },
			{ type: 'ipc', path: '' },
		],
	},
};
const COMMON: CriuFlags = {
	imagePath: '/i',
	workPath: '/w',
	tcpEstablished: false,
	extUnixSk: false,
	shellJob: false,
	fileLocks: false,
	manageCgroupsMode: 'soft',
	emptyNs: [],
	autoDedup: false,
	lazyPages: false,
};
const FACTS = {
	imagesDirFd: 5,
	workDirFd: 6,
	maskedFiles: ['/proc/kcore'],
	placeOf: (path: string) => (path === '/conf' ? '/real/conf' : path),
};
const DUMP: DumpFlags = { ...COMMON, leaveRunning: false, preDump: false, tcpSkipInFlight: false, linkRemap: false };
const dump = (flags: Partial<DumpFlags> = {}, spec = SPEC) =>
	dumpOptions(spec, { ...FACTS, init: 17, inodes: { network: 4, pid: 5 } }, { ...DUMP, ...flags });
const restore = (flags: Partial<RestoreFlags> = {}, streams: readonly string[] = [], spec = SPEC) =>
	restoreOptions(
		spec,
		{ ...FACTS, root: '/r', streams, cgroups: [{ path: '/tsrun/web' }] },
		{ ...COMMON, tcpClose: false, ...flags },
	);

it('dumps the tree of init, and knows each mount and namespace from outside', () => {
	expect(dump()).toMatchObject({
		imagesDirFd: 5,
		workDirFd: 6,
		logFile: 'dump.log',
		logLevel: 4,
		pid: 17,
		notifyScripts: true,
		orphanPtsMaster: true,
		manageCgroups: true,
		manageCgroupsMode: 3,
		leaveRunning: false,
		external: [
			'mnt[/data]:/data',
			'mnt[/real/conf]:/real/conf',
			'mnt[/proc/kcore]:/proc/kcore',
			'pid[5]:extRootPidNS',
			'net[4]:extRootNetNS',
		],
	});
});

it('lets the container go on where asked, and always after a pre-dump', () => {
	expect(dump({ leaveRunning: true })).toMatchObject({ leaveRunning: true, trackMem: false });
	expect(dump({ preDump: true })).toMatchObject({ leaveRunning: true, trackMem: true });
	expect(dump({ parentPath: '../first' })).toMatchObject({
		leaveRunning: false,
		parentImg: '../first',
		trackMem: true,
	});
});

it.each([
	[{ tcpEstablished: true }, { tcpEstablished: true }],
	[{ extUnixSk: true }, { extUnixSk: true }],
	[{ shellJob: true }, { shellJob: true }],
	[{ fileLocks: true }, { fileLocks: true }],
	[{ autoDedup: true }, { autoDedup: true }],
	[{ lazyPages: true }, { lazyPages: true }],
	[{ emptyNs: ['network'] }, { emptyNs: 0x40000000 }],
	[{ emptyNs: [] }, { emptyNs: 0 }],
	[{ manageCgroupsMode: 'ignore' as const }, { manageCgroupsMode: 0 }],
	[{ manageCgroupsMode: 'full' as const }, { manageCgroupsMode: 4 }],
	[{ manageCgroupsMode: 'strict' as const }, { manageCgroupsMode: 5 }],
])('passes %o on in both directions', (flags, options) => {
	expect(dump(flags)).toMatchObject(options);
	expect(restore(flags)).toMatchObject(options);
});

it.each([
	[{ tcpSkipInFlight: true }, { tcpSkipInFlight: true }],
	[{ linkRemap: true }, { linkRemap: true }],
	[{ statusFd: 7 }, { statusFd: 7 }],
	[{ pageServer: '[::1]:99' }, { ps: { address: '[::1]', port: 99 } }],
])('passes %o on to a dump', (flags, options) => {
	expect(dump(flags)).toMatchObject(options);
});

it.each([
	[{ tcpClose: true }, { tcpClose: true }],
	[{ lsmProfile: 'apparmor:x' }, { lsmProfile: 'apparmor:x' }],
	[{ lsmMountContext: 'c' }, { lsmMountContext: 'c' }],
])('passes %o on to a restore', (flags, options) => {
	expect(restore(flags)).toMatchObject(options);
});

it('restores mounts from where the bundle says, never the images (CVE-2024-8676)', () => {
	expect(restore().external).toEqual([
		'mnt[/data]:/srv/data',
		'mnt[/real/conf]:/etc/conf',
		'mnt[/proc/kcore]:/dev/null',
	]);
});

it('restores a child of the caller, in its root and its cgroup', () => {
	expect(restore()).toMatchObject({
		logFile: 'restore.log',
		root: '/r',
		rstSibling: true,
		orphanPtsMaster: true,
		cgRoot: [{ path: '/tsrun/web' }],
	});
});

it('hands pipes over in the place of those that were there, then namespaces, and nothing else', () => {
	expect(restore({}, ['/dev/null', 'pipe:[12]', '/etc/shadow']).inheritFd).toEqual([
		{ key: 'pipe:[12]', fd: 1 },
		{ key: 'extRootPidNS', fd: 4 },
		{ key: 'extRootNetNS', fd: 5 },
	]);
	expect(externalNamespaces(SPEC).map(({ path }) => path)).toEqual(['/run/pid', '/run/netns/x']);
});

it('lets CRIU enter the other namespaces that have a path', () => {
	expect(restore().joinNs).toEqual([{ ns: 'uts', nsFile: '/run/uts' }]);
});

describe('the configuration file of runc', () => {
	it('is read in both directions', () => {
		expect([dump().configFile, restore().configFile]).toEqual(['/etc/criu/runc.conf', '/etc/criu/runc.conf']);
	});

	it('is left out where an annotation names another, which is not read: an image may have brought it (CVE-2026-53492)', () => {
		const spec = { ...SPEC, annotations: { 'org.criu.config': '/srv/x' } };
		expect([dump({}, spec).configFile, restore({}, [], spec).configFile]).toEqual([undefined, undefined]);
	});
});
