/** /proc/self/mountinfo and /proc/self/cgroup as read on hosts of each kind. */
export interface HostText {
	readonly mountinfo: string;
	readonly cgroup: string;
}

const lines = (text: string): string => `${text.trim().replaceAll(/^\t+/gm, '')}\n`;

/** A v1 mount for each controller, and a cgroup2 beside them. */
export const HYBRID: HostText = {
	mountinfo: lines(`
		22 27 0:21 / /proc rw,relatime - proc proc rw
		23 27 0:22 / /sys rw,relatime - sysfs sysfs rw
		24 27 0:6 / /dev rw,relatime - devtmpfs devtmpfs rw,size=12334492k,nr_inodes=3083623,mode=755
		27 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard,resv_strict,resuid=65534,resgid=65534
		31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
		32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu
		33 31 0:30 / /sys/fs/cgroup/cpuacct rw,relatime - cgroup cgroup rw,cpuacct
		34 31 0:31 / /sys/fs/cgroup/cpuset rw,relatime - cgroup cgroup rw,cpuset
		35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
		36 31 0:33 / /sys/fs/cgroup/devices rw,relatime - cgroup cgroup rw,devices
		37 31 0:34 / /sys/fs/cgroup/freezer rw,relatime - cgroup cgroup rw,freezer
		38 31 0:35 / /sys/fs/cgroup/blkio rw,relatime - cgroup cgroup rw,blkio
		39 31 0:36 / /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids
		40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,name=systemd
		41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
	`),
	cgroup: lines(`
		9:name=systemd:/
		8:pids:/
		7:blkio:/
		6:freezer:/
		5:devices:/
		4:memory:/process_api/b90f9b50fe0da4335297637814bf6216
		3:cpuset:/
		2:cpuacct:/
		1:cpu:/
		0::/
	`),
};

/** Debian 12 or Fedora: systemd, cgroup2 alone. */
export const UNIFIED: HostText = {
	mountinfo: lines(`
		22 28 0:21 / /sys rw,nosuid,nodev,noexec,relatime shared:7 - sysfs sysfs rw
		23 28 0:22 / /proc rw,nosuid,nodev,noexec,relatime shared:14 - proc proc rw
		28 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw,errors=remount-ro
		31 22 0:27 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:9 - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot
		36 28 0:31 / /mnt/with\\040space rw,relatime shared:20 master:3 propagate_from:2 - tmpfs tmp\\134fs rw
	`),
	cgroup: lines('0::/user.slice/user-0.slice/session-1.scope'),
};

/** CentOS 7 or Ubuntu 18.04: systemd, v1, controllers that share a mount. */
export const LEGACY: HostText = {
	mountinfo: lines(`
		18 40 0:17 / /sys rw,nosuid,nodev,noexec,relatime shared:6 - sysfs sysfs rw
		23 18 0:20 / /sys/fs/cgroup ro,nosuid,nodev,noexec shared:9 - tmpfs tmpfs ro,mode=755
		24 23 0:21 / /sys/fs/cgroup/systemd rw,nosuid,nodev,noexec,relatime shared:10 - cgroup cgroup rw,xattr,release_agent=/usr/lib/systemd/systemd-cgroups-agent,name=systemd
		26 23 0:23 / /sys/fs/cgroup/net_cls,net_prio rw,nosuid,nodev,noexec,relatime shared:15 - cgroup cgroup rw,net_prio,net_cls
		27 23 0:24 / /sys/fs/cgroup/memory rw,nosuid,nodev,noexec,relatime shared:16 - cgroup cgroup rw,memory
		28 23 0:25 / /sys/fs/cgroup/cpu,cpuacct rw,nosuid,nodev,noexec,relatime shared:17 - cgroup cgroup rw,cpuacct,cpu
		29 23 0:26 / /sys/fs/cgroup/cpuset rw,nosuid,nodev,noexec,relatime shared:18 - cgroup cgroup rw,cpuset
		30 23 0:27 / /sys/fs/cgroup/devices rw,nosuid,nodev,noexec,relatime shared:19 - cgroup cgroup rw,devices
		31 23 0:28 / /sys/fs/cgroup/freezer rw,nosuid,nodev,noexec,relatime shared:20 - cgroup cgroup rw,freezer
		32 23 0:29 / /sys/fs/cgroup/pids rw,nosuid,nodev,noexec,relatime shared:21 - cgroup cgroup rw,pids
		33 23 0:30 / /sys/fs/cgroup/blkio rw,nosuid,nodev,noexec,relatime shared:22 - cgroup cgroup rw,blkio
		40 1 253:0 / / rw,relatime shared:1 - xfs /dev/mapper/root rw,attr2,inode64,noquota
	`),
	cgroup: lines(`
		10:blkio:/user.slice
		9:pids:/user.slice
		8:freezer:/
		7:devices:/user.slice
		6:cpuset:/
		5:cpuacct,cpu:/user.slice
		4:memory:/user.slice
		3:net_prio,net_cls:/
		1:name=systemd:/user.slice/user-0.slice/session-1.scope
	`),
};

/** Inside a docker container on a v1 host: each mount shows the container's own cgroup, read-only. */
export const NESTED: HostText = {
	mountinfo: lines(`
		500 400 0:50 / / rw,relatime - overlay overlay rw,lowerdir=/l,upperdir=/u,workdir=/w
		503 500 0:55 / /sys ro,nosuid,nodev,noexec,relatime - sysfs sysfs ro
		504 503 0:56 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime - tmpfs tmpfs rw,mode=755
		505 504 0:21 /docker/0badc0de /sys/fs/cgroup/systemd ro,nosuid,nodev,noexec,relatime master:10 - cgroup cgroup rw,xattr,name=systemd
		506 504 0:24 /docker/0badc0de /sys/fs/cgroup/memory ro,nosuid,nodev,noexec,relatime master:16 - cgroup cgroup rw,memory
		507 504 0:25 /docker/0badc0de /sys/fs/cgroup/cpu,cpuacct ro,nosuid,nodev,noexec,relatime master:17 - cgroup cgroup rw,cpuacct,cpu
	`),
	cgroup: lines(`
		5:cpuacct,cpu:/docker/0badc0de
		4:memory:/docker/0badc0de
		1:name=systemd:/docker/0badc0de
	`),
};
