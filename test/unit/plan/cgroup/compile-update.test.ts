import { describe, expect, it } from 'vitest';
import type { Resources } from '../../../../src/oci/runtime-spec.ts';
import { compileUpdate } from '../../../../src/plan/cgroup/compile-update.ts';
import type { HostFacts } from '../../../../src/plan/host-facts.ts';
import { HYBRID, LEGACY, UNIFIED } from './hosts.ts';

const V2 = { unified: '/cg/web' };
const V1 = { memory: '/m/web', cpu: '/c/web', cpuset: '/s/web', pids: '/p/web', blkio: '/b/web' };

function lines(
	written: Resources,
	facts: HostFacts = LEGACY,
	directories: Readonly<Record<string, string>> = V1,
): readonly string[] {
	return compileUpdate({ written, facts, directories }).map(
		({ path, data, tolerate }) => `${path} = ${data}${tolerate === undefined ? '' : ` or ${tolerate.join(' ')}`}`,
	);
}

describe('compileUpdate', () => {
	it('writes into the directories that the container has', () => {
		expect(lines({ pids: { limit: 5 }, cpu: { cpus: '0' } })).toEqual([
			'/s/web/cpuset.cpus = 0',
			'/p/web/pids.max = 5',
		]);
		expect(lines({ memory: { limit: 4096, swap: 8192 } }, UNIFIED, V2)).toEqual([
			'/cg/web/memory.swap.max = 4096 or 2',
			'/cg/web/memory.max = 4096',
		]);
		expect(lines({ unified: { 'cgroup.freeze': '0', 'memory.high': '5' } }, UNIFIED, V2)).toEqual([
			'/cg/web/cgroup.freeze = 0',
			'/cg/web/memory.high = 5',
		]);
	});

	it('writes values that depend on each other so that either order may be the right one', () => {
		expect(lines({ memory: { limit: 4096, swap: 8192, reservation: 1 }, pids: { limit: 5 } })).toEqual([
			'/m/web/memory.limit_in_bytes = 4096 or 22',
			'/m/web/memory.memsw.limit_in_bytes = 8192 or 2',
			'/m/web/memory.limit_in_bytes = 4096',
			'/m/web/memory.soft_limit_in_bytes = 1',
			'/p/web/pids.max = 5',
		]);
		expect(lines({ cpu: { shares: 5, quota: 2000, period: 1000, burst: 3 } })).toEqual([
			'/c/web/cpu.shares = 5',
			'/c/web/cpu.cfs_period_us = 1000 or 22',
			'/c/web/cpu.cfs_burst_us = 3 or 2 22',
			'/c/web/cpu.cfs_quota_us = 2000',
			'/c/web/cpu.cfs_period_us = 1000',
			'/c/web/cpu.cfs_burst_us = 3 or 2',
		]);
		expect(lines({ cpu: { realtimeRuntime: 2, realtimePeriod: 3 } })).toEqual([
			'/c/web/cpu.rt_period_us = 3 or 22',
			'/c/web/cpu.rt_runtime_us = 2',
			'/c/web/cpu.rt_period_us = 3',
		]);
		expect(lines({ cpu: { quota: 2000, burst: 3 } }, UNIFIED, V2)).toEqual([
			'/cg/web/cpu.max.burst = 3 or 22',
			'/cg/web/cpu.max = 2000 100000',
			'/cg/web/cpu.max.burst = 3',
		]);
	});

	it('lets a value alone be refused', () => {
		expect(lines({ cpu: { period: 1000 } })).toEqual(['/c/web/cpu.cfs_period_us = 1000']);
		expect(lines({ memory: { limit: 4096 } })).toEqual(['/m/web/memory.limit_in_bytes = 4096']);
	});

	it('refuses a limit below what is used, where it is asked to and the kernel would kill', () => {
		const update =
			(memory: NonNullable<Resources['memory']>, facts = UNIFIED) =>
			() =>
				compileUpdate({ written: { memory }, facts, directories: { ...V1, ...V2 }, memoryUsage: 5000 });
		expect(update({ limit: 4096, checkBeforeUpdate: true })).toThrow(/^rejecting memory limit 4096 <= usage 5000/);
		expect(update({ limit: 1024, swap: 2048, checkBeforeUpdate: true })).toThrow(/^rejecting memory\+swap limit 2048/);
		expect(update({ limit: 4096 })).not.toThrow();
		expect(update({ limit: 8192, checkBeforeUpdate: true })).not.toThrow();
		expect(update({ limit: 4096, checkBeforeUpdate: true }, HYBRID)).not.toThrow();
	});

	it('names the field whose controller the container has no cgroup of', () => {
		expect(() => lines({ pids: { limit: 5 } }, LEGACY, { memory: '/m/web' })).toThrow(
			expect.objectContaining({
				code: 'TSRUN_CGROUP_CONTROLLER_MISSING',
				message: expect.stringContaining('/linux/resources/pids/limit'),
			}),
		);
	});
});
