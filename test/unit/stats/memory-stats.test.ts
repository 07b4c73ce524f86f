import { describe, expect, it } from 'vitest';
import { UNLIMITED } from '../../../src/stats/control-file.ts';
import { memoryStatsV1, memoryStatsV2, NO_MEMORY } from '../../../src/stats/memory-stats.ts';
import { readRecord } from './read-record.ts';

const HUGE = '9223372036854771712';

describe('memoryStatsV1', () => {
	it('reads memory, memory and swap, and what the kernel uses', () => {
		const files = (prefix: string, [usage, max, failures, limit]: readonly string[]) => ({
			[`${prefix}.usage_in_bytes`]: `${usage}\n`,
			[`${prefix}.max_usage_in_bytes`]: `${max}\n`,
			[`${prefix}.failcnt`]: `${failures}\n`,
			...(limit === undefined ? {} : { [`${prefix}.limit_in_bytes`]: `${limit}\n` }),
		});
		const read = readRecord({
			'memory.stat': 'cache 512\nrss 1024\n',
			...files('memory', ['2048', '4096', '100', '8192']),
			...files('memory.memsw', ['2049', '4097', '101', HUGE]),
			// Its limit is gone since Linux 5.16.
			...files('memory.kmem', ['7', '8', '0']),
		});
		expect(memoryStatsV1(read)).toEqual({
			cache: 512n,
			usage: { usage: 2048n, max: 4096n, failcnt: 100n, limit: 8192n },
			swap: { usage: 2049n, max: 4097n, failcnt: 101n, limit: BigInt(HUGE) },
			kernel: { usage: 7n, max: 8n, failcnt: 0n, limit: 0n },
			kernelTCP: NO_MEMORY,
			raw: new Map([
				['cache', 512n],
				['rss', 1024n],
			]),
		});
	});
});

describe('memoryStatsV2', () => {
	const base = { 'memory.stat': 'anon 1\nfile 200\n', 'memory.current': '1000\n', 'memory.peak': '1500\n' };
	const swapOf = (files: Readonly<Record<string, string>>) => memoryStatsV2(readRecord({ ...base, ...files })).swap;

	it('reads the limit and the peak, and calls files the cache', () => {
		expect(memoryStatsV2(readRecord({ ...base, 'memory.max': '2000\n' }))).toMatchObject({
			cache: 200n,
			usage: { usage: 1000n, max: 1500n, failcnt: 0n, limit: 2000n },
			kernel: NO_MEMORY,
		});
	});

	it('adds memory to swap, as v1 counts', () => {
		const swap = { 'memory.swap.current': '30\n', 'memory.swap.peak': '99\n' };
		expect(swapOf({ ...swap, 'memory.max': '2000\n', 'memory.swap.max': '500\n' })).toEqual({
			usage: 1030n,
			max: 0n,
			failcnt: 0n,
			limit: 2500n,
		});
		expect(swapOf({ ...swap, 'memory.max': '2000\n', 'memory.swap.max': 'max\n' }).limit).toBe(UNLIMITED);
		expect(swapOf({ ...swap, 'memory.max': 'max\n', 'memory.swap.max': '500\n' }).limit).toBe(UNLIMITED);
	});

	it('has the memory alone where the kernel counts no swap, and zeros without the controller', () => {
		expect(swapOf({ 'memory.max': '2000\n' })).toMatchObject({ usage: 1000n, limit: 2000n });
		expect(memoryStatsV2(readRecord({}))).toMatchObject({ cache: 0n, usage: NO_MEMORY, swap: NO_MEMORY });
	});
});
