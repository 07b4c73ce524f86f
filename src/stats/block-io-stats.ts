import { linesOf, parseNumber, type ReadControl } from './control-file.ts';
import { type Pressure, parsePressure } from './pressure.ts';

export interface BlockIOEntry {
	readonly major: bigint;
	readonly minor: bigint;
	/** Read, Write, Sync, …; empty where the file has one number a device. */
	readonly op: string;
	readonly value: bigint;
}

export const BLOCK_IO_TABLES = [
	'ioServiceBytesRecursive',
	'ioServicedRecursive',
	'ioQueueRecursive',
	'ioServiceTimeRecursive',
	'ioWaitTimeRecursive',
	'ioMergedRecursive',
	'ioTimeRecursive',
	'sectorsRecursive',
] as const;
export type BlockIOTable = (typeof BLOCK_IO_TABLES)[number];

export interface BlockIOStats {
	readonly tables: Readonly<Partial<Record<BlockIOTable, readonly BlockIOEntry[]>>>;
	readonly pressure?: Pressure;
}

type Files = readonly (readonly [file: string, table: BlockIOTable])[];

const schedulerFiles = (prefix: string): Files => [
	[`${prefix}.sectors_recursive`, 'sectorsRecursive'],
	[`${prefix}.io_service_time_recursive`, 'ioServiceTimeRecursive'],
	[`${prefix}.io_wait_time_recursive`, 'ioWaitTimeRecursive'],
	[`${prefix}.io_merged_recursive`, 'ioMergedRecursive'],
	[`${prefix}.io_queued_recursive`, 'ioQueueRecursive'],
	[`${prefix}.time_recursive`, 'ioTimeRecursive'],
	...totals(prefix, '_recursive'),
];

function totals(prefix: string, suffix: string): Files {
	return [
		[`${prefix}.io_serviced${suffix}`, 'ioServicedRecursive'],
		[`${prefix}.io_service_bytes${suffix}`, 'ioServiceBytesRecursive'],
	];
}

/** What counts depends on the I/O scheduler, and on how it was built: the first whose first file names a device. */
const SOURCES: readonly Files[] = [
	schedulerFiles('blkio.bfq'),
	totals('blkio.bfq', '_recursive'),
	schedulerFiles('blkio'),
	totals('blkio.throttle', '_recursive'),
	totals('blkio.throttle', ''),
];

/** cgroup-v1/blkio-controller.rst. */
export function blockIOStatsV1(read: ReadControl): BlockIOStats {
	const source = SOURCES.find(([first]) => first !== undefined && entriesV1(read(first[0])).length > 0) ?? [];
	const tables = source.map(([file, table]) => [table, entriesV1(read(file))] as const);
	return { tables: Object.fromEntries(tables.filter(([, entries]) => entries.length > 0)) };
}

/** `8:0 Read 1282048`, `8:0 6792`; the line `Total 3477504` names no device. */
function entriesV1(text: string | undefined): readonly BlockIOEntry[] {
	return linesOf(text).flatMap(line => {
		const match = /^(\d+):(\d+) (?:(\w+) )?(\d+)$/.exec(line);
		if (match === null) return [];
		const [, major = '0', minor = '0', op = '', value = '0'] = match;
		return [{ major: BigInt(major), minor: BigInt(minor), op, value: BigInt(value) }];
	});
}

/** What io.stat counts, and what v1 calls it. */
const KEYS: Readonly<Record<string, readonly [table: BlockIOTable, op: string]>> = {
	rbytes: ['ioServiceBytesRecursive', 'Read'],
	wbytes: ['ioServiceBytesRecursive', 'Write'],
	rios: ['ioServicedRecursive', 'Read'],
	wios: ['ioServicedRecursive', 'Write'],
};

/** cgroup-v2.rst, "IO Interface Files": `8:16 rbytes=1459200 wbytes=314773504 rios=192 wios=353 …` a device. */
export function blockIOStatsV2(read: ReadControl): BlockIOStats {
	const tables: Partial<Record<BlockIOTable, BlockIOEntry[]>> = {};
	for (const line of linesOf(read('io.stat'))) {
		const [device = '', ...items] = line.split(' ');
		const [major, minor] = device.split(':').map(parseNumber);
		if (major === undefined || minor === undefined) continue;
		for (const item of items) {
			const [key = '', text] = item.split('=');
			const place = KEYS[key];
			const value = parseNumber(text);
			if (place === undefined || value === undefined) continue;
			const [table, op] = place;
			tables[table] = [...(tables[table] ?? []), { major, minor, op, value }];
		}
	}
	const pressure = parsePressure(read('io.pressure'));
	return { tables, ...(pressure === undefined ? {} : { pressure }) };
}
