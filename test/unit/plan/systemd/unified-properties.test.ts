import { describe, expect, it } from 'vitest';
import { unifiedProperties } from '../../../../src/plan/systemd/unified-properties.ts';

describe('unifiedProperties', () => {
	it.each([
		['memory.min', '4096', [['MemoryMin', 4096n]]],
		['memory.low', ' 5 ', [['MemoryLow', 5n]]],
		['memory.swap.max', 'max', [['MemorySwapMax', 2n ** 64n - 1n]]],
		['cpu.weight', '59', [['CPUWeight', 59n]]],
		['cpu.idle', '1', [['CPUWeight', 0n]]],
		['cpu.idle', '0', []],
		['cpu.max', '10000', [['CPUQuotaPerSecUSec', 100_000n]]],
		['cpuset.cpus', '0-1', [['AllowedCPUs', Uint8Array.of(3)]]],
		['cpuset.mems', '1', [['AllowedMemoryNodes', Uint8Array.of(2)]]],
		['memory.max', 'much', []],
		['cpu.max', 'x y', []],
		['hugetlb.2MB.max', '0', []],
	])('%s: %s', (file, value, expected) => {
		expect(unifiedProperties({ [file]: value }, 252).map(([name, variant]) => [name, variant.value])).toEqual(expected);
	});

	it('has one weight where idle is asked for too', () => {
		expect(unifiedProperties({ 'cpu.idle': '1', 'cpu.weight': '5' }, 252)).toEqual([
			['CPUWeight', { signature: 't', value: 0n }],
		]);
	});
});
