import { describe, expect, it } from 'vitest';
import { type CgroupLayout, cgroupLayout } from '../../../src/host/cgroup-layout.ts';
import { parseMountinfo } from '../../../src/host/parse-mountinfo.ts';
import { parseProcCgroup } from '../../../src/host/parse-proc-cgroup.ts';
import { type HostText, HYBRID, LEGACY, NESTED, UNIFIED } from './layouts.ts';

const layoutOf = ({ mountinfo, cgroup }: HostText): CgroupLayout =>
	cgroupLayout(parseMountinfo(mountinfo), parseProcCgroup(cgroup));
const table = (layout: CgroupLayout): readonly string[] =>
	layout.hierarchies.map(
		({ mountpoint, controllers, root, self, writable }) =>
			`${controllers.join(',')} at ${mountpoint} shows ${root} self ${self} ${writable ? 'rw' : 'ro'}`,
	);

describe('cgroupLayout', () => {
	it('finds each v1 hierarchy of a hybrid host, in mountinfo order, and the cgroup2 beside them', () => {
		const layout = layoutOf(HYBRID);
		expect(layout.mode).toBe('hybrid');
		expect(layout.unified).toEqual({ mountpoint: '/sys/fs/cgroup/unified', root: '/', self: '/', writable: true });
		expect(table(layout)).toEqual([
			'cpu at /sys/fs/cgroup/cpu shows / self / rw',
			'cpuacct at /sys/fs/cgroup/cpuacct shows / self / rw',
			'cpuset at /sys/fs/cgroup/cpuset shows / self / rw',
			'memory at /sys/fs/cgroup/memory shows / self /process_api/b90f9b50fe0da4335297637814bf6216 rw',
			'devices at /sys/fs/cgroup/devices shows / self / rw',
			'freezer at /sys/fs/cgroup/freezer shows / self / rw',
			'blkio at /sys/fs/cgroup/blkio shows / self / rw',
			'pids at /sys/fs/cgroup/pids shows / self / rw',
			'name=systemd at /sys/fs/cgroup/systemd shows / self / rw',
		]);
	});

	it('finds cgroup2 alone', () => {
		expect(layoutOf(UNIFIED)).toEqual({
			mode: 'unified',
			unified: {
				mountpoint: '/sys/fs/cgroup',
				root: '/',
				self: '/user.slice/user-0.slice/session-1.scope',
				writable: true,
			},
			hierarchies: [],
		});
	});

	it('finds controllers that share a mount, whatever their order, and named hierarchies', () => {
		const layout = layoutOf(LEGACY);
		expect(layout.mode).toBe('legacy');
		expect(layout.unified).toBeUndefined();
		expect(table(layout)).toEqual([
			'name=systemd at /sys/fs/cgroup/systemd shows / self /user.slice/user-0.slice/session-1.scope rw',
			'net_prio,net_cls at /sys/fs/cgroup/net_cls,net_prio shows / self / rw',
			'memory at /sys/fs/cgroup/memory shows / self /user.slice rw',
			'cpuacct,cpu at /sys/fs/cgroup/cpu,cpuacct shows / self /user.slice rw',
			'cpuset at /sys/fs/cgroup/cpuset shows / self / rw',
			'devices at /sys/fs/cgroup/devices shows / self /user.slice rw',
			'freezer at /sys/fs/cgroup/freezer shows / self / rw',
			'pids at /sys/fs/cgroup/pids shows / self /user.slice rw',
			'blkio at /sys/fs/cgroup/blkio shows / self /user.slice rw',
		]);
	});

	it('sees that the mounts inside a container show its own cgroup, read-only', () => {
		expect(table(layoutOf(NESTED))).toEqual([
			'name=systemd at /sys/fs/cgroup/systemd shows /docker/0badc0de self /docker/0badc0de ro',
			'memory at /sys/fs/cgroup/memory shows /docker/0badc0de self /docker/0badc0de ro',
			'cpuacct,cpu at /sys/fs/cgroup/cpu,cpuacct shows /docker/0badc0de self /docker/0badc0de ro',
		]);
	});

	it('prefers the mount that shows this process over a bind of another cgroup', () => {
		const bind = '90 27 0:32 /other /aaa rw,relatime - cgroup cgroup rw,memory\n';
		const layout = layoutOf({ ...HYBRID, mountinfo: bind + HYBRID.mountinfo });
		expect(layout.hierarchies.find(({ controllers }) => controllers.includes('memory'))?.mountpoint).toBe(
			'/sys/fs/cgroup/memory',
		);
	});

	it('prefers a writable mount over a read-only one of the same view', () => {
		const writable = '90 500 0:24 /docker/0badc0de /cgroup/memory rw,relatime - cgroup cgroup rw,memory\n';
		const layout = layoutOf({ ...NESTED, mountinfo: NESTED.mountinfo + writable });
		expect(layout.hierarchies.find(({ controllers }) => controllers.includes('memory'))).toMatchObject({
			mountpoint: '/cgroup/memory',
			writable: true,
		});
	});

	it('does not take a mount that another one hides', () => {
		const cover = '90 35 0:90 / /sys/fs/cgroup/memory rw - tmpfs none rw\n';
		const layout = layoutOf({ ...HYBRID, mountinfo: HYBRID.mountinfo + cover });
		expect(layout.hierarchies.some(({ controllers }) => controllers.includes('memory'))).toBe(false);
	});

	it('stays unified beside a stray v1 hierarchy', () => {
		const stray = '90 31 0:90 / /sys/fs/cgroup/net_cls rw,relatime - cgroup net_cls rw,net_cls\n';
		const layout = layoutOf({ mountinfo: UNIFIED.mountinfo + stray, cgroup: `1:net_cls:/\n${UNIFIED.cgroup}` });
		expect(layout).toMatchObject({ mode: 'unified', hierarchies: [] });
	});

	it('knows a read-only file system as well as a read-only mount', () => {
		const mountinfo = UNIFIED.mountinfo.replace('cgroup2 cgroup2 rw', 'cgroup2 cgroup2 ro');
		expect(layoutOf({ ...UNIFIED, mountinfo }).unified?.writable).toBe(false);
	});

	it('takes a mount from above the cgroup namespace', () => {
		const mountinfo = UNIFIED.mountinfo.replace('0:27 / /sys/fs/cgroup', '0:27 /../.. /sys/fs/cgroup');
		expect(layoutOf({ mountinfo, cgroup: '0::/\n' })).toMatchObject({ mode: 'unified', unified: { root: '/../..' } });
	});

	it('says none where nothing is mounted', () => {
		expect(layoutOf({ mountinfo: '27 1 254:0 / / rw - ext4 /dev/vda rw\n', cgroup: '0::/\n' })).toEqual({
			mode: 'none',
			hierarchies: [],
		});
	});
});
