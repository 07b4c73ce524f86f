import { describe, expect, it } from 'vitest';
import type { IdMapping, Mount, Namespace } from '../../../src/oci/runtime-spec.ts';
import { compilePlan } from '../../../src/plan/compile.ts';
import { AT_RECURSIVE, MS } from '../../../src/plan/linux-constants.ts';
import { mappedMountSteps } from '../../../src/plan/mapped-mounts.ts';
import { HYBRID } from './cgroup/hosts.ts';
import { isOp, planInput, positions, stepsOf } from './plan-fixture.ts';

const map = (hostID: number): readonly IdMapping[] => [
	{ containerID: 0, hostID, size: 10 },
	{ containerID: 10, hostID: 5, size: 1 },
];
const MAPPED: Mount = {
	destination: '/data',
	source: '/srv/data',
	options: ['bind'],
	uidMappings: map(1000),
	gidMappings: map(2000),
};
const IMPLIED: Mount = { destination: '/data', source: '/srv/data', options: ['rbind', 'ridmap'] };

function steps(mount: Mount, namespaces: readonly Namespace[] = [], facts = HYBRID) {
	const linux = { namespaces, uidMappings: map(70_000), gidMappings: map(80_000) };
	return mappedMountSteps(
		{ ociVersion: '1.1.0', mounts: [{ destination: '/tmp', type: 'tmpfs' }, mount], linux },
		facts,
	);
}

describe('mappedMountSteps', () => {
	it('lets init come to the mount, then sends it with the ids that it asks for', () => {
		expect(steps(MAPPED)).toMatchObject([
			{ op: 'turn', from: '/mounts/1' },
			{
				op: 'sendMapped',
				source: '/srv/data',
				treeFlags: 0,
				atFlags: 0,
				userns: '',
				uidMap: '0 1000 10\n10 5 1\n',
				gidMap: '0 2000 10\n10 5 1\n',
				from: '/mounts/1',
			},
		]);
	});

	it('copies what is mounted below with rbind, and maps it too with ridmap', () => {
		const [{ treeFlags, atFlags } = {} as never] = stepsOf(
			steps({ ...MAPPED, options: ['rbind', 'idmap'] }),
			'sendMapped',
		);
		expect([treeFlags, atFlags]).toEqual([AT_RECURSIVE, 0]);
		expect(stepsOf(steps(IMPLIED), 'sendMapped')).toMatchObject([{ treeFlags: AT_RECURSIVE, atFlags: AT_RECURSIVE }]);
	});

	it('takes the ids of the user namespace where the mount has none of its own', () => {
		expect(stepsOf(steps(IMPLIED, [{ type: 'user' }]), 'sendMapped')).toMatchObject([
			{ userns: '', uidMap: '0 70000 10\n10 5 1\n', gidMap: '0 80000 10\n10 5 1\n' },
		]);
		expect(stepsOf(steps(IMPLIED, [{ type: 'user', path: '/proc/7/ns/user' }]), 'sendMapped')).toMatchObject([
			{ userns: '/proc/7/ns/user', uidMap: '', gidMap: '' },
		]);
		expect(stepsOf(steps(MAPPED, [{ type: 'user', path: '/proc/7/ns/user' }]), 'sendMapped')).toMatchObject([
			{ userns: '', uidMap: '0 1000 10\n10 5 1\n' },
		]);
	});

	it('has nothing to do for other mounts', () => {
		expect(steps({ destination: '/data', source: '/srv/data', options: ['bind'] })).toEqual([]);
	});

	it('is refused where the kernel cannot', () => {
		const old = { ...HYBRID, syscalls: { ...HYBRID.syscalls, mountSetattr: false } };
		expect(() => steps(MAPPED, [], old)).toThrow(expect.objectContaining({ code: 'TSRUN_KERNEL_TOO_OLD' }));
	});
});

describe('a plan with two mapped mounts', () => {
	const { setup, init } = compilePlan(
		planInput({
			change: spec => ({
				...spec,
				mounts: [
					...(spec.mounts ?? []),
					MAPPED,
					{ ...IMPLIED, destination: '/other', uidMappings: map(3), gidMappings: map(4) },
				],
			}),
		}),
	);

	it('has a turn of init for each, and one more at its end', () => {
		expect(setup.filter(isOp('turn', 'sendMapped')).map(({ op }) => op)).toEqual([
			'turn',
			'sendMapped',
			'turn',
			'sendMapped',
			'turn',
		]);
		expect(positions(init, isOp('turn'))).toHaveLength(2);
	});

	it('attaches what was sent, at a place that was made before', () => {
		for (const position of positions(init, isOp('turn'))) {
			expect(init[position - 1]).toMatchObject({ op: 'mkdirInRoot' });
			expect(init[position + 1]).toMatchObject({ op: 'mountInRoot', source: '', flags: MS.BIND });
		}
	});
});
