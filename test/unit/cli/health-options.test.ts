import { describe, expect, it } from 'vitest';
import { flagReader } from '../../../src/cli/flag-reader.ts';
import { readHealthOptions } from '../../../src/cli/health-options.ts';

const read = (flags: Readonly<Record<string, string | boolean>>) => readHealthOptions(flagReader(flags));

describe('readHealthOptions', () => {
	it('has what was given', () => {
		expect(read({})).toEqual({ isOff: false });
		expect(read({ healthCmd: 'true', healthInterval: '1m30s', healthRetries: '5' })).toEqual({
			isOff: false,
			command: 'true',
			intervalMs: 90_000,
			retries: 5,
		});
		expect(read({ healthTimeout: '0s', healthStartPeriod: '100ms' })).toEqual({ isOff: false, startPeriodMs: 100 });
		expect(read({ healthcheck: false })).toEqual({ isOff: true });
	});

	it.each<readonly [Readonly<Record<string, string | boolean>>, RegExp]>([
		[{ healthInterval: 'soon' }, /--health-interval "soon" is not a duration/],
		[{ healthTimeout: '10us' }, /--health-timeout "10us" is not between 1ms and 24 days/],
		[{ healthStartPeriod: '9999h' }, /is not between/],
		[{ healthRetries: '-1' }, /--health-retries "-1" is not between 0 and 1000/],
		[{ healthcheck: false, healthCmd: 'true' }, /--no-healthcheck .* with other flags/],
	])('%j is refused', (flags, message) => expect(() => read(flags)).toThrow(message));
});
