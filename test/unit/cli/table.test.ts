import { describe, expect, it } from 'vitest';
import { table } from '../../../src/cli/table.ts';

describe('table', () => {
	it('pads each column to its widest cell, but the last one', () => {
		expect(
			table(
				['ID', 'NAME', 'STATUS'],
				[
					['0123456789ab', 'a', 'running'],
					['1', 'a_long_name', ''],
				],
			),
		).toBe(
			[
				'ID             NAME          STATUS\n',
				'0123456789ab   a             running\n',
				'1              a_long_name   \n',
			].join(''),
		);
	});

	it('shows the head alone where there is no row', () => {
		expect(table(['ID', 'NAME'], [])).toBe('ID   NAME\n');
	});
});
