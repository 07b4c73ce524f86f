import { describe, expect, it } from 'vitest';
import { parseEffectiveCapabilities } from '../../../src/host/parse-effective-capabilities.ts';

describe('parseEffectiveCapabilities', () => {
	it('reads the mask in full width', () => {
		expect(parseEffectiveCapabilities('CapPrm:\t00000000a80425fb\nCapEff:\t000001ffffffffff\nCapBnd:\t0\n')).toBe(
			0x1ffffffffffn,
		);
	});

	it('refuses a text without it', () => {
		expect(() => parseEffectiveCapabilities('Name:\tx\n')).toThrow(/CapEff/);
	});
});
