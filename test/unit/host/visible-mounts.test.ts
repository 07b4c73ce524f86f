import { describe, expect, it } from 'vitest';
import { parseMountinfo } from '../../../src/host/parse-mountinfo.ts';
import { visibleMounts } from '../../../src/host/visible-mounts.ts';
import { HYBRID } from './layouts.ts';

function visibleIds(extra: string): readonly number[] {
	const mounts = parseMountinfo(HYBRID.mountinfo + extra);
	const candidates = mounts.filter(mount => mount.type.startsWith('cgroup'));
	return visibleMounts(candidates, mounts).map(mount => mount.id);
}

describe('visibleMounts', () => {
	it('sees all mounts of a host', () => {
		expect(visibleIds('')).toEqual([32, 33, 34, 35, 36, 37, 38, 39, 40, 41]);
	});

	it('does not see what another mount lies on', () => {
		expect(visibleIds('90 35 0:90 / /sys/fs/cgroup/memory rw - tmpfs none rw\n')).not.toContain(35);
	});

	it('sees the upper of two mounts at one place', () => {
		const ids = visibleIds('90 35 0:32 /sub /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n');
		expect(ids).toContain(90);
		expect(ids).not.toContain(35);
	});

	it('does not see what lies below a directory that is mounted over', () => {
		expect(visibleIds('90 31 0:90 / /sys/fs/cgroup rw - tmpfs none rw\n')).toEqual([]);
		expect(visibleIds('90 27 0:90 / /sys/fs rw - tmpfs none rw\n')).toHaveLength(10);
		expect(visibleIds('90 23 0:90 / /sys/fs rw - tmpfs none rw\n')).toEqual([]);
	});
});
