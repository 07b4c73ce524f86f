import { describe, expect, it } from 'vitest';
import type { SpecNamespaceType } from '../../../src/oci/runtime-spec.ts';
import { hasMountNamespace, hostRootSteps, hostUnmountSteps } from '../../../src/plan/host-mounts.ts';
import { MNT_DETACH, MS } from '../../../src/plan/linux-constants.ts';
import type { Step } from '../../../src/plan/step.ts';

const ROOT = '/bundle/rootfs';
const specWith = (...types: readonly SpecNamespaceType[]) => ({
	ociVersion: '1.2.0',
	linux: { namespaces: types.map(type => ({ type })) },
});
const before: Step = { op: 'mkdir', path: '/cg', mode: 0o755, phase: 'cgroup', why: 'first' };

it('a container has a mount namespace by an entry of that type, new or joined', () => {
	expect(hasMountNamespace(specWith('pid', 'mount'))).toBe(true);
	expect(hasMountNamespace(specWith('pid'))).toBe(false);
	expect(hasMountNamespace({ ociVersion: '1.2.0' })).toBe(false);
});

describe('a container without a mount namespace', () => {
	it('has its root bound onto itself, private, and no other mount of the host is touched', () => {
		expect(hostRootSteps(specWith('pid'), ROOT)).toMatchObject([
			{ op: 'mount', source: ROOT, target: ROOT, flags: MS.BIND | MS.REC },
			{ op: 'mount', source: '', target: ROOT, flags: MS.PRIVATE | MS.REC },
		]);
	});

	it('takes the whole tree away at its end, once the bind was made, and never what somebody else mounted there before', () => {
		const setup = [before, ...hostRootSteps(specWith('pid'), ROOT)];
		expect(hostUnmountSteps(specWith('pid'), ROOT, setup)).toMatchObject([
			{ op: 'umount', path: ROOT, flags: MNT_DETACH, after: 2 },
		]);
	});
});

it('a container with one needs none of this', () => {
	expect(hostRootSteps(specWith('mount'), ROOT)).toEqual([]);
	expect(hostUnmountSteps(specWith('mount'), ROOT, [before])).toEqual([]);
});
