import { expect, it } from 'vitest';
import { parseEnvFile } from '../../../src/spec/parse-env-file.ts';
import { expectBadFlag } from './expect-bad-flag.ts';

it('takes values as they stand, skips comments, fills bare names from the caller', () => {
	const text = '\uFEFFA=1\r\n# comment\n\n  B="quoted" # not a comment\nC=\nHERE\nNOT_HERE\nD=x=y';
	expect(parseEnvFile('f', text, { HERE: 'yes' })).toEqual([
		'A=1',
		'B="quoted" # not a comment',
		'C=',
		'HERE=yes',
		'D=x=y',
	]);
});

it.each(['=x', 'A B=1', 'A=1\nB =2', 'A=\0'])('refuses %j', text => {
	expectBadFlag(() => parseEnvFile('file.env', text, {}), '--env-file', 'file.env');
});

it('names the line', () => {
	expect(expectBadFlag(() => parseEnvFile('f', 'A=1\n=2', {}), '--env-file', 'f').message).toContain('line 2');
});
