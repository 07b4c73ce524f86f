import { describe, expect, it } from 'vitest';
import { splitWords } from '../../../src/cli/split-words.ts';

describe('splitWords', () => {
	it.each([
		['', []],
		['  ', []],
		['-m 64m  hello', ['-m', '64m', 'hello']],
		["sh -c 'echo a  b'", ['sh', '-c', 'echo a  b']],
		['a"b c"\'d e\'f', ['ab cd ef']],
		["'' x", ['', 'x']],
		['"say \\"no\\" \\n"', ['say "no" \\n']],
		['a\\ b\\\\', ['a b\\']],
		['\n-e\tA=1\n', ['-e', 'A=1']],
	])('%j', (text, words) => {
		expect(splitWords(text, '--diff')).toEqual(words);
	});

	it.each(["it's", 'a "b', 'end\\'])('refuses %j, which nothing ends', text => {
		expect(() => splitWords(text, '--diff')).toThrow(/^--diff has a quote or a backslash that nothing ends/);
	});
});
