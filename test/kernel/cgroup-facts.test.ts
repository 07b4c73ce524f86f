import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readHostFacts } from '../../src/host/read-host-facts.ts';
import { requireKernel } from '../../src/plan/require-kernel.ts';
import { SLOWNESS } from './support/slowness.ts';

const facts = readHostFacts({
	paths: ['/proc', '/proc/self/status', '/no/such/path'],
	devices: ['/dev/null'],
	cgroupsPath: '/tsrun/none',
});

/** The cgroup of this process as a directory below a mount. */
function ownDirectory({
	mountpoint,
	root,
	self,
}: {
	readonly mountpoint: string;
	readonly root: string;
	readonly self: string;
}): string {
	return root === '/' ? mountpoint + self : mountpoint + self.slice(root.length);
}

describe('readHostFacts on this kernel', () => {
	it('is a host that tsrun runs on', () => {
		expect(() => requireKernel(facts)).not.toThrow();
	});

	it('finds every v1 hierarchy that /proc/self/cgroup names, unless the host is unified', () => {
		const named = readFileSync('/proc/self/cgroup', 'utf8')
			.split('\n')
			.map(line => line.split(':')[1] ?? '')
			.filter(controllers => controllers !== '');
		const found = facts.cgroup.hierarchies.map(({ controllers }) => controllers.join(','));
		expect([...found].sort()).toEqual(facts.cgroup.mode === 'unified' ? [] : [...named].sort());
	});

	it('leads from each mount to the cgroup that holds this process', () => {
		for (const hierarchy of facts.cgroup.hierarchies) {
			const procs = readFileSync(`${ownDirectory(hierarchy)}/cgroup.procs`, 'utf8').split('\n');
			expect(procs).toContain(String(process.pid));
		}
	});

	it('leads through cgroup2 to the cgroup that holds this process', () => {
		const own = /^0::(.*)$/m.exec(readFileSync('/proc/self/cgroup', 'utf8'))?.[1];
		const { unified } = facts.cgroup;
		expect(unified !== undefined).toBe(/ - cgroup2 /.test(readFileSync('/proc/self/mountinfo', 'utf8')));
		if (unified === undefined) return;
		expect(readFileSync(`${unified.mountpoint}${own}/cgroup.procs`, 'utf8').split('\n')).toContain(String(process.pid));
	});

	it('finds cgroup2 by a file that only it has', () => {
		const { unified, mode } = facts.cgroup;
		expect(unified !== undefined).toBe(mode === 'unified' || mode === 'hybrid');
		if (unified !== undefined) {
			expect(unified.controllers).toEqual(
				readFileSync(`${unified.mountpoint}/cgroup.controllers`, 'utf8')
					.split(/\s+/)
					.filter(name => name !== ''),
			);
			expect(existsSync(`${unified.mountpoint}/cgroup.subtree_control`)).toBe(true);
		}
	});

	it('knows the process, the namespaces, the paths and the devices', () => {
		expect(facts.uid).toBe(0);
		expect(facts.capabilities & (1n << 21n)).not.toBe(0n);
		expect(facts.lastCapability).toBeGreaterThanOrEqual(37);
		expect(facts.namespaces).toEqual(expect.arrayContaining(['mnt', 'uts', 'ipc', 'pid', 'net', 'cgroup']));
		expect(facts.paths).toEqual({ '/proc': 'directory', '/proc/self/status': 'file', '/no/such/path': 'missing' });
		expect(facts.devices['/dev/null']).toMatchObject({ type: 'c', major: 1, minor: 3 });
		expect(facts.cpus).toMatch(/^\d/);
		expect(facts.memoryNodes).toMatch(/^\d/);
	});

	it('takes at most a millisecond in a warm process of a common machine', () => {
		const times = Array.from({ length: 200 }, () => {
			const begin = performance.now();
			readHostFacts({ paths: ['/proc'], devices: ['/dev/null'], cgroupsPath: '/tsrun/none' });
			return performance.now() - begin;
		}).sort((one, other) => one - other);
		expect(times[20]).toBeLessThan(SLOWNESS);
	});
});
