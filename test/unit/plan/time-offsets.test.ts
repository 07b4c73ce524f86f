import { expect, it } from 'vitest';
import { CLONE } from '../../../src/plan/linux-constants.ts';
import { timeSteps } from '../../../src/plan/time-offsets.ts';

it('sets clocks after it unshared the time namespace, in one write', () => {
	const timeOffsets = { monotonic: { secs: -3 }, boottime: { secs: 7, nanosecs: 5 } };
	expect(timeSteps({ ociVersion: '1.1.0', linux: { timeOffsets } })).toMatchObject([
		{ op: 'unshare', flags: CLONE.NEWTIME },
		{ op: 'write', path: '/proc/self/timens_offsets', data: 'monotonic -3 0\nboottime 7 5\n' },
	]);
	expect(timeSteps({ ociVersion: '1.1.0' })).toHaveLength(1);
});
