import { describe, expect, it } from 'vitest';
import type { Resources } from '../../../src/oci/runtime-spec.ts';
import { updateResources } from '../../../src/spec/update-resources.ts';

const CURRENT: Resources = {
	devices: [{ allow: false }],
	memory: { limit: 100, swap: 200, reservation: 50 },
	cpu: { shares: 100, quota: 500_000, period: 1_000_000 },
	pids: { limit: 20 },
};
const written = (change: Resources, current = CURRENT): Resources => updateResources(current, change).written;

describe('what is written', () => {
	it('is what changes, and what belongs to it', () => {
		expect(written({ pids: { limit: 10 } })).toEqual({ pids: { limit: 10 } });
		expect(written({ memory: { reservation: 5 } })).toEqual({ memory: { reservation: 5 } });
		expect(written({ memory: { limit: 150 } })).toEqual({ memory: { limit: 150, swap: 200 } });
		expect(written({ memory: { swap: 300 } })).toEqual({ memory: { limit: 100, swap: 300 } });
		expect(written({ cpu: { period: 900_000 } })).toEqual({ cpu: { period: 900_000, quota: 500_000 } });
		expect(written({ cpu: { shares: 5 } })).toEqual({ cpu: { shares: 5 } });
		expect(written({ cpu: { realtimeRuntime: 1 } }, { cpu: { realtimePeriod: 2, idle: 1 } })).toEqual({
			cpu: { realtimeRuntime: 1, realtimePeriod: 2 },
		});
	});

	it('frees swap too where memory loses its limit', () => {
		expect(written({ memory: { limit: -1 } })).toEqual({ memory: { limit: -1, swap: -1 } });
		expect(written({ memory: { limit: -1, swap: 7 } })).toEqual({ memory: { limit: -1, swap: 7 } });
	});

	it('is never a device rule', () => {
		expect(written({ devices: [{ allow: true }] })).toEqual({});
	});
});

describe('what the container has from then on', () => {
	it('is the change laid over what it had', () => {
		const { resources } = updateResources(CURRENT, {
			devices: [{ allow: true }],
			memory: { limit: -1 },
			cpu: { cpus: '0' },
			unified: { 'memory.high': '5' },
		});
		expect(resources).toEqual({
			...CURRENT,
			memory: { limit: -1, swap: -1, reservation: 50 },
			cpu: { ...CURRENT.cpu, cpus: '0' },
			unified: { 'memory.high': '5' },
		});
	});

	it('takes 0 for no change, as docker sends it for all that stays', () => {
		const current = {
			memory: { limit: 64, swap: 128 },
			cpu: { shares: 5, quota: 10, period: 20 },
			blockIO: { weight: 3 },
		};
		const change = {
			memory: { limit: 0, reservation: 0, kernel: 0 },
			cpu: { shares: 0, quota: 0, period: 0, idle: 0 },
			pids: { limit: 40 },
			blockIO: { weight: 0 },
		};
		const { resources, written } = updateResources(current, change);
		expect(resources).toMatchObject({ ...current, pids: { limit: 40 } });
		expect(written).toMatchObject({ cpu: { idle: 0 }, pids: { limit: 40 } });
		expect(written.memory).toEqual({ kernel: 0 });
		expect(written.blockIO).toEqual({});
	});

	it('has one entry a device', () => {
		const device = <T extends object>(minor: number, rest: T) => ({ major: 8, minor, ...rest });
		const current = {
			blockIO: {
				weight: 100,
				weightDevice: [device(0, { weight: 10, leafWeight: 20 })],
				throttleReadBpsDevice: [device(0, { rate: 1 }), device(16, { rate: 2 })],
			},
		};
		const change = {
			blockIO: {
				weightDevice: [device(0, { weight: 30 }), device(16, { weight: 40 })],
				throttleReadBpsDevice: [device(16, { rate: 3 })],
				throttleWriteIOPSDevice: [device(0, { rate: 4 })],
			},
		};
		const update = updateResources(current, change);
		expect(update.resources.blockIO).toEqual({
			weight: 100,
			weightDevice: [device(0, { weight: 30, leafWeight: 20 }), device(16, { weight: 40 })],
			throttleReadBpsDevice: [device(0, { rate: 1 }), device(16, { rate: 3 })],
			throttleWriteIOPSDevice: [device(0, { rate: 4 })],
		});
		expect(update.written.blockIO).toEqual(change.blockIO);
	});
});
