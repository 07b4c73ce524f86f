import { describe, expect, it } from 'vitest';
import { enterRootSteps } from '../../../src/plan/enter-root.ts';
import { MNT_DETACH, MS } from '../../../src/plan/linux-constants.ts';
import { DIRECTORY, planInput } from './plan-fixture.ts';

const KERNEL_MOUNTS = ['/proc', '/srv/sys', `${DIRECTORY}/merged/proc`];

function steps({
	propagation,
	noPivot = true,
	isUser = false,
}: {
	propagation?: string;
	noPivot?: boolean;
	isUser?: boolean;
} = {}) {
	const input = planInput({ options: { noPivot } });
	const linux = { ...input.spec.linux, ...(propagation === undefined ? {} : { rootfsPropagation: propagation }) };
	return enterRootSteps(
		{ ...input, spec: { ...input.spec, linux }, facts: { ...input.facts, kernelMounts: KERNEL_MOUNTS } },
		isUser,
	);
}

describe('enterRootSteps', () => {
	it('pivots the root, and leaves the mounts of the host to the kernel', () => {
		expect(steps({ noPivot: false, propagation: 'private' })).toMatchObject([{ op: 'pivotRoot', from: '/root/path' }]);
	});

	it('only changes the root of a container in the mount namespace of the host, pivoted or not', () => {
		const input = planInput();
		const spec = { ...input.spec, linux: { ...input.spec.linux, namespaces: [] } };
		for (const noPivot of [true, false]) {
			const container = { ...input.container, noPivot };
			expect(enterRootSteps({ ...input, container, spec }, false)).toMatchObject([{ op: 'chroot' }]);
		}
	});

	it('takes each whole proc and sysfs of the host away before a root that is only moved', () => {
		expect(steps()).toMatchObject([
			{ op: 'mount', source: '', target: '/proc', flags: MS.SLAVE | MS.REC },
			{ op: 'umount', path: '/proc', flags: MNT_DETACH },
			{ op: 'mount', source: '', target: '/srv/sys', flags: MS.SLAVE | MS.REC },
			{ op: 'umount', path: '/srv/sys', flags: MNT_DETACH },
			{ op: 'moveRoot', from: '/root/path' },
		]);
	});

	it('covers them in a user namespace, which may not unmount them', () => {
		expect(steps({ isUser: true }).filter(({ op }) => op === 'umount')).toEqual([]);
		expect(steps({ isUser: true })[1]).toMatchObject({ op: 'mount', target: '/proc', type: 'tmpfs' });
	});

	it.each(['shared', 'rshared'])('covers them where the root is %s: an unmount would reach the host', propagation => {
		expect(steps({ propagation }).filter(({ op }) => op === 'umount')).toEqual([]);
		expect(steps({ propagation })[1]).toMatchObject({ op: 'mount', target: '/proc', type: 'tmpfs' });
	});

	it.each(['shared', 'rshared'])('makes / private before the move, where it is %s with the host', propagation => {
		expect(steps({ propagation }).slice(-2)).toMatchObject([
			{ op: 'mount', source: '', target: '/', flags: MS.PRIVATE },
			{ op: 'moveRoot' },
		]);
	});

	it.each(['private', 'rprivate'])('refuses a %s root that is not pivoted', propagation => {
		expect(() => steps({ propagation })).toThrow(
			expect.objectContaining({
				code: 'TSRUN_UNSUPPORTED',
				message: `config.json /linux/rootfsPropagation: ${propagation} is not safe without pivot_root`,
			}),
		);
	});
});
