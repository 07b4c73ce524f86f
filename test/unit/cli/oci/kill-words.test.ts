import { expect, it } from 'vitest';
import { killWords } from '../../../../src/cli/oci/kill-words.ts';

const isContainer = (word: string): boolean => ['web', 'db', '9'].includes(word);

it.each([
	[['web'], undefined, { containers: ['web'] }],
	[['web', 'db'], undefined, { containers: ['web', 'db'] }],
	[['web', 'TERM'], undefined, { containers: ['web'], signal: 'TERM' }],
	[['web', 'nothing'], undefined, { containers: ['web'], signal: 'nothing' }],
	[['web', '9'], undefined, { containers: ['web', '9'] }],
	[['web', 'TERM'], 'HUP', { containers: ['web', 'TERM'], signal: 'HUP' }],
	[['web', 'db', 'gone'], undefined, { containers: ['web', 'db', 'gone'] }],
])('%j with --signal %s', (words, flag, expected) => {
	expect(killWords(words, flag, isContainer)).toEqual(expected);
});
