import { expect, it } from 'vitest';
import { lasting } from '../../../src/cli/lasting.ts';

const S = 1000;
const M = 60 * S;
const H = 60 * M;
const D = 24 * H;

it.each([
	[0, 'Less than a second'],
	[999, 'Less than a second'],
	[S, '1 second'],
	[59 * S, '59 seconds'],
	[M, 'About a minute'],
	[2 * M, '2 minutes'],
	[59 * M, '59 minutes'],
	[H, 'About an hour'],
	[89 * M, 'About an hour'],
	[91 * M, '2 hours'],
	[47 * H, '47 hours'],
	[2 * D, '2 days'],
	[14 * D, '2 weeks'],
	[60 * D, '2 months'],
	[730 * D, '2 years'],
])('%i ms: %s', (milliseconds, text) => {
	expect(lasting(milliseconds)).toBe(text);
});
