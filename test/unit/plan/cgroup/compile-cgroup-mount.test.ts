import { describe, expect, it } from 'vitest';
import { describeStep } from '../../../../src/explain/describe-step.ts';
import type { Mount } from '../../../../src/oci/runtime-spec.ts';
import { compileCgroup } from '../../../../src/plan/cgroup/compile-cgroup.ts';
import { compileCgroupMount } from '../../../../src/plan/cgroup/compile-cgroup-mount.ts';
import type { HostFacts } from '../../../../src/plan/host-facts.ts';
import { HYBRID, hierarchy, LEGACY, UNIFIED, withCgroup } from './hosts.ts';

const READONLY: Mount = {
	destination: '/sys/fs/cgroup',
	type: 'cgroup',
	source: 'cgroup',
	options: ['nosuid', 'noexec', 'nodev', 'relatime', 'ro'],
};
const WRITABLE: Mount = { ...READONLY, options: ['rw'] };
const SAFE = 'MS_NOSUID|MS_NODEV|MS_NOEXEC|MS_RELATIME';
const SAFE_RO = 'MS_RDONLY|MS_NOSUID|MS_NODEV|MS_NOEXEC|MS_RELATIME';
const REMOUNT_RO = 'MS_RDONLY|MS_NOSUID|MS_NODEV|MS_NOEXEC|MS_REMOUNT|MS_BIND|MS_RELATIME';

function compile(mount: Mount, facts: HostFacts, cgroupns: boolean): readonly string[] {
	const spec = { ociVersion: '1.2.0', linux: { resources: { devices: [{ allow: true }] } } };
	const cgroup = compileCgroup({ spec, facts, cgroupsPath: '/tsrun/web', ofBundle: false });
	return compileCgroupMount({ mount, index: 4, facts, cgroup, cgroupns }).map(step => {
		expect(step).toMatchObject({ from: '/mounts/4', phase: 'mounts' });
		return describeStep(step).replaceAll('/sys/fs/cgroup', '~');
	});
}

const TWO = withCgroup(LEGACY, {
	hierarchies: [hierarchy('systemd', 'name=systemd'), hierarchy('cpu,cpuacct', 'cpuacct', 'cpu'), hierarchy('devices')],
});

describe('compileCgroupMount', () => {
	it('mounts cgroup2 in a cgroup namespace', () => {
		expect(compile(READONLY, UNIFIED, true)).toEqual([
			'mkdir("~", 0755)',
			`mount("cgroup", "~", "cgroup2", ${SAFE_RO})`,
		]);
		expect(compile(WRITABLE, UNIFIED, true)).toEqual(['mkdir("~", 0755)', `mount("cgroup", "~", "cgroup2", ${SAFE})`]);
	});

	it('shows no more than the container’s own cgroup without a namespace', () => {
		expect(compile(READONLY, UNIFIED, false)).toEqual([
			'mkdir("~", 0755)',
			'mount("~/tsrun/web", "~", "", MS_BIND)',
			`mount("", "~", "", ${REMOUNT_RO})`,
		]);
	});

	it('mounts each v1 hierarchy, links the controllers that share one, and closes the directory', () => {
		expect(compile(READONLY, TWO, true)).toEqual([
			'mkdir("~", 0755)',
			`mount("tmpfs", "~", "tmpfs", ${SAFE}, "mode=755")`,
			'mkdir("~/systemd", 0755)',
			`mount("cgroup", "~/systemd", "cgroup", ${SAFE_RO}, "name=systemd")`,
			'mkdir("~/cpu,cpuacct", 0755)',
			`mount("cgroup", "~/cpu,cpuacct", "cgroup", ${SAFE_RO}, "cpuacct,cpu")`,
			'mkdir("~/devices", 0755)',
			`mount("cgroup", "~/devices", "cgroup", ${SAFE_RO}, "devices")`,
			'symlink("cpu,cpuacct", "~/cpuacct")',
			'symlink("cpu,cpuacct", "~/cpu")',
			`mount("", "~", "", ${REMOUNT_RO})`,
		]);
	});

	it('binds the container’s own v1 cgroups without a namespace', () => {
		const steps = compile(WRITABLE, TWO, false);
		expect(steps.slice(2, 5)).toEqual([
			'mkdir("~/systemd", 0755)',
			'mount("~/systemd/tsrun/web", "~/systemd", "", MS_BIND)',
			'mount("", "~/systemd", "", MS_NOSUID|MS_NODEV|MS_NOEXEC|MS_REMOUNT|MS_BIND|MS_RELATIME)',
		]);
		expect(steps.at(-1)).toBe('symlink("cpu,cpuacct", "~/cpu")');
	});

	it('adds the cgroup2 directory of a hybrid host', () => {
		const steps = compile(READONLY, HYBRID, true);
		expect(steps.slice(-3)).toEqual([
			'mkdir("~/unified", 0755)',
			`mount("cgroup", "~/unified", "cgroup2", ${SAFE_RO})`,
			`mount("", "~", "", ${REMOUNT_RO})`,
		]);
	});

	it('mounts cgroup2 alone where the configuration says cgroup2', () => {
		expect(compile({ ...READONLY, type: 'cgroup2' }, HYBRID, true)).toHaveLength(2);
	});

	it('takes the last of ro and rw, and a destination with a slash at its end', () => {
		const mount = { ...READONLY, destination: '/sys/fs/cgroup/', options: ['ro', 'rw'] };
		expect(compile(mount, UNIFIED, true)).toEqual(compile(WRITABLE, UNIFIED, true));
	});
});
