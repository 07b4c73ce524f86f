import { expect, it } from 'vitest';
import { idMapSteps } from '../../../src/plan/id-maps.ts';

const ALL = (1n << 41n) - 1n;
const CAP_SETGID = 1n << 6n;
const linux = {
	uidMappings: [
		{ containerID: 0, hostID: 100_000, size: 1000 },
		{ containerID: 1000, hostID: 5, size: 1 },
	],
	gidMappings: [{ containerID: 0, hostID: 200_000, size: 10 }],
};
const stepsOf = (capabilities: bigint) => idMapSteps({ ociVersion: '1.1.0', linux }, { capabilities });

it('writes each id map at once, one line for each mapping', () => {
	expect(stepsOf(ALL)).toMatchObject([
		{ op: 'writeInit', file: 'uid_map', data: '0 100000 1000\n1000 5 1\n', from: '/linux/uidMappings' },
		{ op: 'writeInit', file: 'gid_map', data: '0 200000 10\n', from: '/linux/gidMappings' },
	]);
});

it('denies setgroups before groups are mapped by somebody without CAP_SETGID (CVE-2014-8989)', () => {
	expect(stepsOf(ALL & ~CAP_SETGID).map(step => (step.op === 'writeInit' ? [step.file, step.data] : []))).toEqual([
		['setgroups', 'deny'],
		['uid_map', '0 100000 1000\n1000 5 1\n'],
		['gid_map', '0 200000 10\n'],
	]);
});
