import { describe, expect, it } from 'vitest';
import { ago } from '../../../src/cli/ago.ts';

const NOW = Date.parse('2024-05-05T12:00:00Z');

describe('ago', () => {
	it.each([
		['2024-05-05T12:00:00Z', 'just now'],
		['2024-05-05T11:59:59.001Z', 'just now'],
		['2024-05-05T11:59:59Z', '1 second ago'],
		['2024-05-05T11:59:01Z', '59 seconds ago'],
		['2024-05-05T11:59:00Z', '1 minute ago'],
		['2024-05-05T11:00:01Z', '59 minutes ago'],
		['2024-05-05T10:30:00Z', '1 hour ago'],
		['2024-05-03T12:00:00Z', '2 days ago'],
		['2024-04-28T12:00:00Z', '1 week ago'],
		['2024-03-01T12:00:00Z', '2 months ago'],
		['2023-05-06T12:00:01Z', '12 months ago'],
		['2022-05-05T12:00:00Z', '2 years ago'],
		['1970-01-01T00:00:00Z', '54 years ago'],
		['2024-05-05T14:00:00+02:00', 'just now'],
	])('of %s is %s', (time, text) => {
		expect(ago(time, NOW)).toBe(text);
	});

	it('is just now for a clock that went back, and for what is no time', () => {
		expect([ago('2025-01-01T00:00:00Z', NOW), ago('never', NOW)]).toEqual(['just now', 'just now']);
	});
});
