import { badFlag } from '../spec/bad-flag.ts';
import { parseCpus } from '../spec/parse-cpus.ts';
import { parseCpuset } from '../spec/parse-cpuset.ts';
import { type IntegerRange, parseInteger } from '../spec/parse-integer.ts';
import { parseSize } from '../spec/parse-size.ts';
import type { ResourceOptions } from '../spec/run-options.ts';
import { type FlagReader, given } from './flag-reader.ts';

/** Reads the resource flags; 0 is docker's word for "not set". @throws TsrunError TSRUN_BAD_FLAG */
export function readResourceOptions(flags: FlagReader): ResourceOptions {
	const integer = (name: string, flag: string, range: IntegerRange) => {
		const text = flags.value(name);
		return text === undefined ? undefined : parseInteger(flag, text, range) || undefined;
	};
	const cpus = flags.value('cpus');
	const swap = flags.value('memorySwap');
	return {
		...given('memory', sizeOrUnset('--memory', flags.value('memory'))),
		...given('memorySwap', swap === '-1' ? -1 : sizeOrUnset('--memory-swap', swap)),
		...given('memoryReservation', sizeOrUnset('--memory-reservation', flags.value('memoryReservation'))),
		...given('memorySwappiness', swappiness(flags.value('memorySwappiness'))),
		...(flags.isSet('oomKillDisable') ? { oomKillDisable: true } : {}),
		...given('nanoCpus', cpus === undefined ? undefined : parseCpus('--cpus', cpus) || undefined),
		...given('cpuShares', integer('cpuShares', '--cpu-shares', { min: 0, max: 262_144, example: '512' })),
		...given(
			'cpuPeriod',
			cpuTime('--cpu-period', integer('cpuPeriod', '--cpu-period', { min: 0, max: 1_000_000, example: '100000' })),
		),
		...given(
			'cpuQuota',
			cpuTime('--cpu-quota', integer('cpuQuota', '--cpu-quota', { min: -1, max: 2 ** 43, example: '50000' })),
		),
		...flags.named('cpusetCpus', text => parseCpuset('--cpuset-cpus', text)),
		...flags.named('cpusetMems', text => parseCpuset('--cpuset-mems', text)),
		// PID_MAX_LIMIT: the kernel takes no higher number in pids.max
		...given('pidsLimit', integer('pidsLimit', '--pids-limit', { min: -1, max: 4_194_304, example: '100' })),
		...given(
			'blkioWeight',
			blkioWeight(integer('blkioWeight', '--blkio-weight', { min: 0, max: 1000, example: '500' })),
		),
	};
}

/** A size, undefined where there is none or it is 0. */
export function sizeOrUnset(flag: string, text: string | undefined): number | undefined {
	return text === undefined ? undefined : parseSize(flag, text) || undefined;
}

/** docker's -1 leaves it to the kernel. */
function swappiness(text: string | undefined): number | undefined {
	if (text === undefined) return undefined;
	const value = parseInteger('--memory-swappiness', text, { min: -1, max: 100, example: '60' });
	return value === -1 ? undefined : value;
}

/** The kernel's bounds (sched-bwc.rst): a millisecond at least. */
function cpuTime(flag: string, microseconds: number | undefined): number | undefined {
	if (microseconds === undefined || microseconds === -1 || microseconds >= 1000) return microseconds;
	throw badFlag(flag, String(microseconds), { problem: 'is less than 1000 microseconds', example: `${flag} 50000` });
}

function blkioWeight(weight: number | undefined): number | undefined {
	if (weight === undefined || weight >= 10) return weight;
	throw badFlag('--blkio-weight', String(weight), { problem: 'is less than 10', example: '--blkio-weight 500' });
}
