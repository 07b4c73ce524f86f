import { describe, expect, it } from 'vitest';
import { capabilityNames } from '../../../src/explain/capability-names.ts';

const ALL = (1n << 41n) - 1n;

describe('capabilityNames', () => {
	it.each([
		[0n, 'none'],
		[ALL, 'all'],
		[0b11n, 'CAP_CHOWN|CAP_DAC_OVERRIDE'],
		[ALL & ~(1n << 24n), 'all but CAP_SYS_RESOURCE'],
		[1n | (1n << 50n), 'CAP_CHOWN|0x4000000000000'],
		[ALL | (1n << 50n), 'all|0x4000000000000'],
	])('%s', (mask, names) => {
		expect(capabilityNames(mask)).toBe(names);
	});
});
