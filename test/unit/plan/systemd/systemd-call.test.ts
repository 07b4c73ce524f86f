import { describe, expect, it } from 'vitest';
import { encodeMessage } from '../../../../src/plan/dbus/dbus-message.ts';
import * as calls from '../../../../src/plan/systemd/systemd-call.ts';

describe('calls of systemd', () => {
	it('have values of their signatures', () => {
		const all = [
			calls.startTransientUnit('a.scope', []),
			calls.setUnitProperties('a.scope', []),
			calls.stopUnit('a.scope'),
			calls.resetFailedUnit('a.scope'),
			calls.subscribe(),
			calls.managerVersion(),
			calls.hello(),
			calls.watchJobs(),
		];
		for (const call of all) expect(() => encodeMessage({ type: 'call', serial: 1, ...call })).not.toThrow();
	});

	it.each([
		['252.38-1~deb12u1', 252],
		['v245.4-1.fc32', 245],
		['219', 219],
		['unknown', 0],
	])('%s is version %i', (text, version) => {
		expect(calls.parseSystemdVersion(text)).toBe(version);
	});
});
