import type { Resources } from '../oci/runtime-spec.ts';
import { badFlag } from './bad-flag.ts';
import { parseInteger } from './parse-integer.ts';
import { parseSize } from './parse-size.ts';

/** The flags of `update`, as text. */
export const UPDATE_FLAGS = {
	memory: 'memory limit, such as 64m; -1 is none',
	'memory-reservation': 'memory that is left to it when memory is short',
	'memory-swap': 'memory and swap together; -1 is no limit',
	'cpu-period': 'length of a period in microseconds',
	'cpu-quota': 'microseconds of CPU time in each period; -1 is no limit',
	'cpu-burst': 'microseconds that may be saved up',
	'cpu-share': 'weight of CPU time, 1024 is usual',
	'cpu-idle': '1: runs only when the CPU is idle',
	'cpu-rt-period': 'length of a period of real-time scheduling in microseconds',
	'cpu-rt-runtime': 'microseconds of real-time scheduling in each of them',
	'cpuset-cpus': 'CPUs, such as 0-2,4',
	'cpuset-mems': 'memory nodes',
	'blkio-weight': 'weight of block I/O, 10 to 1000',
	'pids-limit': 'number of processes and threads; -1 is no limit',
	'kernel-memory': 'no effect: gone from the kernel',
	'kernel-memory-tcp': 'no effect: gone from the kernel',
} as const;
export type UpdateFlag = keyof typeof UPDATE_FLAGS;

const MAX = Number.MAX_SAFE_INTEGER;

/**
 * What the flags of `update` ask for; an empty value asks for nothing.
 * @throws TsrunError TSRUN_BAD_FLAG
 */
export function parseUpdate(flags: Readonly<Partial<Record<UpdateFlag, string>>>): Resources {
	const of = <T>(flag: UpdateFlag, parse: (text: string, name: string) => T): T | undefined =>
		flags[flag] ? parse(flags[flag], `--${flag}`) : undefined;
	const memory = defined({
		limit: of('memory', size),
		reservation: of('memory-reservation', size),
		swap: of('memory-swap', size),
	});
	const cpu = defined({
		shares: of('cpu-share', unsigned),
		quota: of('cpu-quota', signed),
		period: of('cpu-period', unsigned),
		burst: of('cpu-burst', unsigned),
		realtimeRuntime: of('cpu-rt-runtime', signed),
		realtimePeriod: of('cpu-rt-period', unsigned),
		cpus: of('cpuset-cpus', text => text),
		mems: of('cpuset-mems', text => text),
		idle: of('cpu-idle', (text, flag) => parseInteger(flag, text, { min: 0, max: 1, example: '1' })),
	});
	const weight = of('blkio-weight', blockIOWeight);
	const pids = of('pids-limit', (text, flag) => parseInteger(flag, text, { min: -1, max: MAX, example: '100' }));
	return {
		...(memory === undefined ? {} : { memory }),
		...(cpu === undefined ? {} : { cpu }),
		...(weight ? { blockIO: { weight } } : {}),
		...(pids ? { pids: { limit: pids } } : {}),
	};
}

function size(text: string, flag: string): number {
	return text === '-1' ? -1 : parseSize(flag, text);
}

function unsigned(text: string, flag: string): number {
	return parseInteger(flag, text, { min: 0, max: MAX, example: '100000' });
}

function signed(text: string, flag: string): number {
	return parseInteger(flag, text, { min: -1, max: MAX, example: '50000' });
}

function blockIOWeight(text: string, flag: string): number {
	const weight = parseInteger(flag, text, { min: 0, max: 1000, example: '500' });
	if (weight === 0 || weight >= 10) return weight;
	throw badFlag(flag, text, { problem: 'is less than 10', example: `${flag} 500` });
}

/** The properties that have a value; undefined where none has. */
function defined<T extends object>(values: T): { readonly [K in keyof T]?: Exclude<T[K], undefined> } | undefined {
	const entries = Object.entries(values).filter(([, value]) => value !== undefined);
	return entries.length === 0 ? undefined : (Object.fromEntries(entries) as ReturnType<typeof defined<T>>);
}
