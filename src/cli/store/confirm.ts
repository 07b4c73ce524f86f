import { createInterface } from 'node:readline/promises';
import { TsrunError } from '../../core/errors.ts';

/**
 * Asks before something is removed, on a terminal; elsewhere nobody can answer.
 * @returns whether to go on
 * @throws TsrunError TSRUN_NOT_A_TERMINAL
 */
export async function confirm(warning: string): Promise<boolean> {
	if (!process.stdin.isTTY) {
		throw new TsrunError(
			'TSRUN_NOT_A_TERMINAL',
			'standard input is not a terminal, and nobody can confirm the removal',
			{
				hint: 'use --force',
			},
		);
	}
	const lines = createInterface({ input: process.stdin, output: process.stderr });
	try {
		const answer = await lines.question(
			`WARNING! This will remove ${warning}.\nAre you sure you want to continue? [y/N] `,
		);
		return ['y', 'yes'].includes(answer.trim().toLowerCase());
	} finally {
		lines.close();
	}
}
