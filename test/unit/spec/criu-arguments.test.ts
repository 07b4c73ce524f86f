import { expect, it } from 'vitest';
import type { RuntimeSpec } from '../../../src/oci/runtime-spec.ts';
import { type CriuFlags, type DumpFlags, dumpArguments, restoreArguments } from '../../../src/spec/criu-arguments.ts';

const SPEC: RuntimeSpec = {
	ociVersion: '1.2.0',
	mounts: [
		{ destination: '/proc', type: 'proc', source: 'proc' },
		{ destination: '/data', source: '/srv/data', options: ['rbind', 'ro'] },
	],
	linux: { namespaces: [{ type: 'network', path: '/run/netns/x' }] },
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
};
const DUMP: DumpFlags = { ...COMMON, leaveRunning: false, preDump: false, tcpSkipInFlight: false, linkRemap: false };
const dump = (flags: Partial<DumpFlags> = {}) =>
	dumpArguments(SPEC, { init: 17, maskedFiles: ['/proc/kcore'] }, { ...DUMP, ...flags }).join(' ');
const restore = (streams: readonly string[] = [], flags: Partial<CriuFlags> = {}) =>
	restoreArguments(
		SPEC,
		{ maskedFiles: ['/proc/kcore'], cgroups: ['/tsrun/web'] },
		{ ...COMMON, tcpClose: false, streams, pidFile: '/p', root: '/r', ...flags },
	).join(' ');

it('dumps the tree of init, and knows each mount from outside', () => {
	expect(dump()).toBe(
		'dump --tree 17 --log-file dump.log --images-dir /i --work-dir /w -v4 --manage-cgroups=soft ' +
			'--external mnt[/data]:/data --external mnt[/proc/kcore]:/proc/kcore --external net[/run/netns/x]:extRootNetNS',
	);
});

it('lets the container go on where asked, and always after a pre-dump', () => {
	expect(dump({ leaveRunning: true })).toMatch(/--leave-running/);
	expect(dump({ preDump: true })).toMatch(/^pre-dump .*--leave-running --track-mem/);
	expect(dump({ parentPath: '../first' })).toMatch(/--prev-images-dir \.\.\/first --track-mem/);
});

it.each([
	[{ tcpEstablished: true }, '--tcp-established'],
	[{ extUnixSk: true }, '--ext-unix-sk'],
	[{ shellJob: true }, '--shell-job'],
	[{ fileLocks: true }, '--file-locks'],
	[{ autoDedup: true }, '--auto-dedup'],
	[{ emptyNs: ['network'] }, '--empty-ns net'],
	[{ manageCgroupsMode: 'full' as const }, '--manage-cgroups=full'],
])('passes %o on in both directions', (flags, words) => {
	expect(dump(flags)).toContain(words);
	expect(restore([], flags)).toContain(words);
});

it('sends the memory to a page server', () => {
	expect(dump({ pageServer: '127.0.0.1:99' })).toMatch(/--page-server --address 127\.0\.0\.1 --port 99$/);
});

it('restores mounts from where the bundle says, never the images (CVE-2024-8676)', () => {
	const words = restore();
	expect(words).toContain('--external mnt[/data]:/srv/data');
	expect(words).toContain('--external mnt[/proc/kcore]:/dev/null');
	expect(words).toContain('--root /r --pidfile /p --restore-detached --restore-sibling');
	expect(words).toContain('--cgroup-root /tsrun/web');
});

it('hands pipes over in the place of those that were there, and nothing else', () => {
	const words = restore(['/dev/null', 'pipe:[12]', '/etc/shadow']);
	expect(words).toContain('--inherit-fd fd[1]:pipe:[12]');
	expect(words.match(/--inherit-fd/g)).toHaveLength(1);
});
