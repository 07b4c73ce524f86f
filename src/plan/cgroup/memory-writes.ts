import { TsrunError } from '../../core/errors.ts';
import type { Resources } from '../../oci/runtime-spec.ts';
import { ERRNO } from '../linux-constants.ts';
import { cgroupLimit, cgroupNumber } from './cgroup-number.ts';
import type { CgroupVersion, CgroupWrite } from './cgroup-write.ts';
import { formatBytes } from './format-bytes.ts';
import { v1Only } from './v1-only.ts';

type Memory = NonNullable<Resources['memory']>;

const POINTER = '/linux/resources/memory';
const UNLIMITED = -1;

/**
 * Memory limits (config-linux.md, "Memory"; admin-guide/cgroup-v1/memory.rst, cgroup-v2.rst). 0 is unset. `kernel` and
 * `kernelTCP` are obsolete in the specification and gone from the kernel, so they are left out as runc does.
 * @throws TsrunError TSRUN_BAD_RESOURCE where a combination can never hold
 */
export function memoryWrites(memory: Memory, version: CgroupVersion): readonly CgroupWrite[] {
	checkSwap(memory, version);
	return version === 1 ? writesV1(memory) : writesV2(memory);
}

function writesV1(memory: Memory): readonly CgroupWrite[] {
	const writes: CgroupWrite[] = [];
	const add = (field: keyof Memory, file: string, why: string): void => {
		const value = memory[field];
		if (typeof value !== 'number' || value === 0) return;
		writes.push({ file, value: cgroupNumber(value, `${POINTER}/${field}`), from: `${POINTER}/${field}`, why });
	};
	// A new cgroup is unlimited, and memory+swap must never be below memory: so memory goes first.
	add('limit', 'memory.limit_in_bytes', `limit memory to ${amount(memory.limit)}`);
	add('swap', 'memory.memsw.limit_in_bytes', `limit memory and swap together to ${amount(memory.swap)}`);
	add(
		'reservation',
		'memory.soft_limit_in_bytes',
		`reclaim down to ${amount(memory.reservation)} when memory is short`,
	);
	if (memory.swappiness !== undefined && memory.swappiness >= 0) {
		const from = `${POINTER}/swappiness`;
		const value = cgroupNumber(memory.swappiness, from);
		writes.push({ file: 'memory.swappiness', value, from, why: 'how readily the kernel swaps' });
	}
	if (memory.disableOOMKiller === true) {
		const from = `${POINTER}/disableOOMKiller`;
		writes.push({ file: 'memory.oom_control', value: '1', from, why: 'at the limit wait, do not kill' });
	}
	return writes.map(write => (write.file.includes('memsw') ? withoutSwapAccounting(write) : write));
}

function writesV2(memory: Memory): readonly CgroupWrite[] {
	refuseV1Only(memory);
	const writes: CgroupWrite[] = [];
	const swap = swapOnly(memory);
	if (swap !== undefined) {
		const from = memory.swap === undefined ? `${POINTER}/limit` : `${POINTER}/swap`;
		const why = swap === UNLIMITED ? 'no limit of swap' : `limit swap to ${amount(swap)}`;
		writes.push(withoutSwapAccounting({ file: 'memory.swap.max', value: cgroupLimit(swap, from), from, why }));
	}
	for (const [field, file, why] of [
		['limit', 'memory.max', `limit memory to ${amount(memory.limit)}`],
		['reservation', 'memory.low', `protect ${amount(memory.reservation)} from reclaim`],
	] as const) {
		const value = memory[field];
		const from = `${POINTER}/${field}`;
		if (value !== undefined && value !== 0) writes.push({ file, value: cgroupLimit(value, from), from, why });
	}
	return writes;
}

/** config.json counts memory and swap together, cgroup2 swap alone. */
function swapOnly({ limit = 0, swap = 0 }: Memory): number | undefined {
	if (swap === UNLIMITED || (swap === 0 && limit === UNLIMITED)) return UNLIMITED;
	if (swap === 0) return undefined;
	return limit === UNLIMITED ? swap : swap - limit;
}

/** A kernel without swap accounting has no such file; then the memory limit stands alone. */
function withoutSwapAccounting(write: CgroupWrite): CgroupWrite {
	return { ...write, tolerate: [ERRNO.ENOENT] };
}

/** Without a limit of memory there is nothing that v1 could add swap to; cgroup2 counts swap by itself. */
function checkSwap({ limit = 0, swap = 0 }: Memory, version: CgroupVersion): void {
	if (swap === 0 || swap === UNLIMITED || (limit === UNLIMITED && version === 2)) return;
	if (limit === 0 || limit === UNLIMITED) {
		throw new TsrunError('TSRUN_BAD_RESOURCE', `${POINTER}/swap (--memory-swap) is set without a memory limit`, {
			hint: 'set --memory as well: the swap value counts memory and swap together',
		});
	}
	if (swap < limit) {
		const numbers = `${POINTER}/swap (--memory-swap) is ${amount(swap)}, less than the memory limit of ${amount(limit)}`;
		throw new TsrunError('TSRUN_BAD_RESOURCE', numbers, {
			hint: 'it counts memory and swap together; -1 is unlimited',
		});
	}
}

function refuseV1Only({ swappiness = -1, disableOOMKiller }: Memory): void {
	if (swappiness >= 0) throw v1Only(`${POINTER}/swappiness`);
	if (disableOOMKiller === true) throw v1Only(`${POINTER}/disableOOMKiller`);
}

function amount(value: number | undefined): string {
	return value === undefined || value === UNLIMITED ? 'no limit' : formatBytes(value);
}
