import { describe, expect, it } from 'vitest';
import { parseSystemdCgroup, slicePath } from '../../../../src/plan/systemd/systemd-cgroup.ts';

describe('parseSystemdCgroup', () => {
	it.each([
		['', 'system.slice', 'runc-web.scope', '/system.slice/runc-web.scope'],
		[':tsrun:one', 'system.slice', 'tsrun-one.scope', '/system.slice/tsrun-one.scope'],
		['machine.slice:libpod:one', 'machine.slice', 'libpod-one.scope', '/machine.slice/libpod-one.scope'],
		[
			'kubepods-burstable-pod1_2.slice:cri-containerd:c1',
			'kubepods-burstable-pod1_2.slice',
			'cri-containerd-c1.scope',
			'/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1_2.slice/cri-containerd-c1.scope',
		],
		['-.slice::x', '-.slice', '-x.scope', '/-x.scope'],
	])('reads %j', (cgroupsPath, slice, scope, path) => {
		expect(parseSystemdCgroup(cgroupsPath, 'web')).toEqual({ slice, scope, path });
	});

	it.each([
		['/tsrun/web', /^expected cgroupsPath to be of format "slice:prefix:name" for systemd cgroups, got "\/tsrun\/web"/],
		['a.slice:b', /^expected cgroupsPath/],
		['a.slice:b:c:d', /^expected cgroupsPath/],
		['user.slice/a.slice:b:c', /no name of a systemd unit/],
		['system:b:c', /^invalid slice name: "system"/],
		['a--b.slice:b:c', /^invalid slice name/],
		['.slice:b:c', /^invalid slice name/],
		['-a.slice:b:c', /^invalid slice name/],
		['a.slice:b:../../x', /no name of a systemd unit/],
		['a.slice:b:x\n', /no name of a systemd unit/],
		['a.slice:b:c+d', /no name of a systemd unit/],
		[`a.slice:b:${'x'.repeat(250)}`, /no name of a systemd unit/],
		['a.slice:b:c.slice', /is a slice, which holds no processes/],
	])('refuses %j', (cgroupsPath, message) => {
		expect(() => parseSystemdCgroup(cgroupsPath, 'web')).toThrow(
			expect.objectContaining({ code: 'TSRUN_BAD_CGROUPS_PATH', message: expect.stringMatching(message) }),
		);
	});
});

describe('slicePath', () => {
	it('is the directory of the slice in that of its parents', () => {
		expect(slicePath('test-a-b.slice')).toBe('/test.slice/test-a.slice/test-a-b.slice');
		expect(slicePath('-.slice')).toBe('');
	});
});
