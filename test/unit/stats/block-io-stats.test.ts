import { describe, expect, it } from 'vitest';
import { type BlockIOStats, blockIOStatsV1, blockIOStatsV2 } from '../../../src/stats/block-io-stats.ts';
import { readRecord } from './read-record.ts';

const entry = (major: bigint, minor: bigint, op: string, value: bigint) => ({ major, minor, op, value });

describe('blockIOStatsV1', () => {
	const tables = (files: Readonly<Record<string, string>>): BlockIOStats['tables'] =>
		blockIOStatsV1(readRecord(files)).tables;

	it('reads operations, and files with one number a device', () => {
		expect(
			tables({
				'blkio.sectors_recursive': '8:0 6792\n',
				'blkio.io_service_bytes_recursive': '8:0 Read 100\n8:0 Total 100\nTotal 100\n',
			}),
		).toEqual({
			sectorsRecursive: [entry(8n, 0n, '', 6792n)],
			ioServiceBytesRecursive: [entry(8n, 0n, 'Read', 100n), entry(8n, 0n, 'Total', 100n)],
		});
	});

	it('takes bfq before throttling, and throttling where bfq names no device', () => {
		const throttle = {
			'blkio.throttle.io_serviced_recursive': '8:0 Read 3\nTotal 3\n',
			'blkio.throttle.io_serviced': '8:0 Read 2\nTotal 2\n',
		};
		expect(tables({ 'blkio.bfq.io_serviced_recursive': '8:0 Read 1\nTotal 1\n', ...throttle })).toEqual({
			ioServicedRecursive: [entry(8n, 0n, 'Read', 1n)],
		});
		expect(tables({ 'blkio.bfq.io_serviced_recursive': 'Total 0\n', ...throttle })).toEqual({
			ioServicedRecursive: [entry(8n, 0n, 'Read', 3n)],
		});
		expect(tables({ 'blkio.throttle.io_serviced': '8:0 Read 2\n' })).toEqual({
			ioServicedRecursive: [entry(8n, 0n, 'Read', 2n)],
		});
		expect(tables({})).toEqual({});
	});
});

describe('blockIOStatsV2', () => {
	it('reads io.stat into the tables of v1, and leaves out what those do not have', () => {
		const text =
			'254:1 rbytes=6901432320 wbytes=14245535744 rios=263278 wios=248603 dbytes=5 dios=6\n8:16\n8:0 rbytes=1\nx y=1\n';
		expect(blockIOStatsV2(readRecord({ 'io.stat': text }))).toEqual({
			tables: {
				ioServiceBytesRecursive: [
					entry(254n, 1n, 'Read', 6_901_432_320n),
					entry(254n, 1n, 'Write', 14_245_535_744n),
					entry(8n, 0n, 'Read', 1n),
				],
				ioServicedRecursive: [entry(254n, 1n, 'Read', 263_278n), entry(254n, 1n, 'Write', 248_603n)],
			},
		});
	});
});
