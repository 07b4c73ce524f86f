import { describe, expect, it } from 'vitest';
import { painter } from '../../../../src/explain/paint.ts';
import { type Columns, sideBySide } from '../../../../src/explain/step/side-by-side.ts';
import type { ViewRow } from '../../../../src/explain/step/view-rows.ts';

const COLUMNS: Columns = {
	width: 80,
	paint: painter(false),
	changed: new Set(['hostname']),
	host: 'here',
	container: 'there',
};
const ROWS: readonly ViewRow[] = [
	{ topic: 'hostname', host: ['big'], container: ['small'] },
	{ topic: 'mounts', host: ['2'], container: ['3, 2 not on the host', 'newest: /dev tmpfs'] },
	{ topic: 'network', host: [], container: [] },
];

describe('sideBySide', () => {
	it('has two columns under headings, and an asterisk where something has changed', () => {
		expect(sideBySide(ROWS, COLUMNS)).toBe(
			[
				'               here                       there',
				'* hostname     big                        small',
				'  mounts       2                          3, 2 not on the host',
				'                                          newest: /dev tmpfs',
				'  network',
			].join('\n'),
		);
	});

	it.each([80, 60, 110])('wraps between words, and within one that is too long, to a width of %i', width => {
		const long = `${'word '.repeat(30)}${'x'.repeat(200)} ${'😀'.repeat(70)}`;
		const lines = sideBySide([{ topic: 'mounts', host: [long], container: [long] }], { ...COLUMNS, width }).split('\n');
		expect(Math.max(...lines.map(line => [...line].length))).toBeLessThanOrEqual(width);
		const bare = lines.slice(1).join('').replaceAll(/\s/g, '');
		expect(bare.match(/x/g)).toHaveLength(400);
		expect(bare.match(/😀/gu)).toHaveLength(140);
	});

	it('paints names and nothing else where there are colours', () => {
		const painted = sideBySide(ROWS, { ...COLUMNS, paint: painter(true) });
		expect(painted).toContain('\u001b[1m* hostname     \u001b[0mbig');
		// biome-ignore lint/suspicious/noControlCharactersInRegex: colours
		expect(painted.replaceAll(/\u001b\[\d+m/g, '').replaceAll(/ +$/gm, '')).toBe(sideBySide(ROWS, COLUMNS));
	});
});
