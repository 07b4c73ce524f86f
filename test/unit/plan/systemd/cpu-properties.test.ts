import { describe, expect, it } from 'vitest';
import { cpusetProperties, quotaProperties } from '../../../../src/plan/systemd/cpu-properties.ts';

const named = (properties: ReturnType<typeof quotaProperties>) => properties.map(([name, { value }]) => [name, value]);

describe('quotaProperties', () => {
	it('tells the period from version 242 on', () => {
		expect(named(quotaProperties(10_000, 50_000, 242))).toEqual([
			['CPUQuotaPeriodUSec', 50_000n],
			['CPUQuotaPerSecUSec', 200_000n],
		]);
		expect(named(quotaProperties(10_000, 50_000, 241))).toEqual([['CPUQuotaPerSecUSec', 200_000n]]);
	});
});

describe('cpusetProperties', () => {
	it('tells sets from version 244 on', () => {
		expect(named(cpusetProperties({ cpus: '0-1' }, 244))).toEqual([['AllowedCPUs', Uint8Array.of(3)]]);
		expect(cpusetProperties({ cpus: '0-1' }, 243)).toEqual([]);
	});
});
