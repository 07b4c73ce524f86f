import { describe, expect, it } from 'vitest';
import { type Detail, TOPICS, type Topic, viewRows } from '../../../../src/explain/step/view-rows.ts';
import type { ProcessView } from '../../../../src/plan/process-view.ts';
import { CONTAINER, HOST } from './views.ts';

function cells(
	topic: Topic,
	container: Partial<ProcessView> = {},
	detail: Detail = 'short',
): readonly (readonly string[])[] {
	const row = viewRows(HOST, { ...CONTAINER, ...container }, detail).find(each => each.topic === topic);
	return [row?.host ?? [], row?.container ?? []];
}

describe('viewRows', () => {
	it('has a row for each topic, also where there is no container', () => {
		const rows = viewRows(HOST, undefined, 'short');
		expect(rows.map(({ topic }) => topic)).toEqual(TOPICS);
		expect(rows.flatMap(({ container }) => container)).toEqual([]);
	});

	it('tells its own namespaces from those of the host', () => {
		expect(cells('namespaces')).toEqual([['mnt net user'], ['own: mnt net', 'the host’s: user']]);
		expect(cells('namespaces', { namespaces: HOST.namespaces })[1]).toEqual([
			'none of its own',
			'the host’s: mnt net user',
		]);
		expect(cells('namespaces', {}, 'full')).toEqual([
			['mnt 1', 'net 2', 'user 3'],
			['mnt 11 own', 'net 12 own', 'user 3'],
		]);
	});

	it('says of a root whether it is still that of the host', () => {
		expect(cells('root')).toEqual([
			['ext4 /dev/vda', 'in /home'],
			['overlay', 'in /'],
		]);
		expect(cells('root', { mounts: HOST.mounts })[1]).toEqual(['ext4 /dev/vda, as on the host', 'in /']);
		expect(cells('root', { mounts: [] })[1]).toEqual(['none', 'in /']);
	});

	it('counts mounts and names the newest, or lists them with their options', () => {
		expect(cells('mounts')).toEqual([['2'], ['3, 2 not on the host', 'newest: /dev tmpfs']]);
		expect(cells('mounts', { mounts: HOST.mounts })[1]).toEqual(['2, 0 not on the host']);
		expect(cells('mounts', {}, 'full')[1]).toEqual(['/ overlay rw,relatime', '/proc proc rw', '/dev tmpfs rw,nosuid']);
	});

	it('says how ids are mapped, but for the map of the first user namespace', () => {
		expect(cells('ids')).toEqual([['uid 0 gid 0'], ['uid 0 gid 0']]);
		const uidMap = [{ containerID: 0, hostID: 100_000, size: 65_536 }];
		expect(cells('ids', { uid: 100_000, uidMap })[1]).toEqual([
			'uid 100000 gid 0, 0 is 100000 on the host (65536 ids)',
		]);
		expect(cells('ids', { uidMap: [] })[1]).toEqual(['uid 0 gid 0, no id is mapped']);
	});

	it('counts capabilities, or names them', () => {
		expect(cells('capabilities')[1]).toEqual(['2 of 2']);
		expect(cells('capabilities', {}, 'full')[1]).toEqual([
			'effective CAP_CHOWN|CAP_KILL',
			'bounding CAP_CHOWN|CAP_KILL',
		]);
	});

	it('says what a filter and no_new_privs are at', () => {
		expect(cells('seccomp')).toEqual([['no filter'], ['no filter']]);
		expect(cells('seccomp', { hasSeccompFilter: true, noNewPrivileges: true })[1]).toEqual([
			'a filter, no new privileges',
		]);
	});

	it('names a cgroup once for all hierarchies that have it', () => {
		expect(cells('cgroup')).toEqual([['/'], [`/tsrun/${'a'.repeat(12)}…`]]);
		const cgroups = { cpu: '/a', pids: '/a', blkio: '/a', freezer: '/a', memory: '/b' };
		expect(cells('cgroup', { cgroups })[1]).toEqual(['/a (4 hierarchies)', '/b (memory)']);
		expect(cells('cgroup', {}, 'full')[1]?.[0]).toContain('a'.repeat(64));
	});

	it('has both pids of a process, and counts those that would be too many', () => {
		const inner = (pid: number) => ({ pid: 100 + pid, inner: pid, name: `p${pid}` });
		expect(cells('processes')).toEqual([['80'], ['tsrun-init, pid 1, 4000 on the host']]);
		expect(cells('processes', { processes: [{ pid: 9, inner: 9, name: 'sh' }] })[1]).toEqual(['sh, pid 9']);
		const processes = [1, 2, 3, 4, 5].map(inner);
		expect(cells('processes', { processes })[1]).toEqual([
			'p1, pid 1, 101 on the host',
			'p2, pid 2, 102 on the host',
			'p3, pid 3, 103 on the host',
			'and 2 more',
		]);
		expect(cells('processes', { processes }, 'full')[1]).toHaveLength(5);
	});

	it('prints nothing of a container that moves the cursor', () => {
		expect(cells('hostname', { hostname: 'a\u001b[2J' })[1]).toEqual(['a\\u001b[2J']);
		expect(cells('processes', { processes: [{ pid: 1, inner: 1, name: '\u202e' }] })[1]).toEqual(['\\u202e, pid 1']);
	});
});
