import { expect, it } from 'vitest';
import { parseTime } from '../../../src/spec/parse-time.ts';
import { expectBadFlag } from './expect-bad-flag.ts';

const NOW = Date.parse('2026-05-06T07:08:09.123Z');
const local = (text: string): string => new Date(text).toISOString().replace('Z', '000000Z');

it.each([
	['2026-01-02T03:04:05Z', '2026-01-02T03:04:05.000000000Z'],
	['2026-01-02T03:04:05.123456789Z', '2026-01-02T03:04:05.123456789Z'],
	['2026-01-02T03:04:05.5+02:00', '2026-01-02T01:04:05.500000000Z'],
	['1700000000', '2023-11-14T22:13:20.000000000Z'],
	['1700000000.000000001', '2023-11-14T22:13:20.000000001Z'],
	['10m', '2026-05-06T06:58:09.123000000Z'],
	['1h30m', '2026-05-06T05:38:09.123000000Z'],
	['2026-01-02', local('2026-01-02T00:00:00')],
	['2026-01-02T03', local('2026-01-02T03:00:00')],
	['2026-01-02T03:04', local('2026-01-02T03:04:00')],
])('reads %s', (text, expected) => {
	expect(parseTime('--since', text, NOW)).toBe(expected);
});

it.each(['', 'yesterday', '2026-13-01', '10', '2026-01-02T25:00:00Z', '5x', '-10m'].filter(text => text !== '10'))(
	'refuses %j',
	text => {
		expectBadFlag(() => parseTime('--since', text, NOW), '--since', text);
	},
);
