import { expect, it } from 'vitest';
import { pathProblem } from '../../../../src/spec/validate/path-problem.ts';

it.each(['/', '/a', '/a..b', '/..a/b..', `/${'x'.repeat(4094)}`])('takes %s', path => {
	expect(pathProblem(path)).toBeUndefined();
});

it.each(['', 'a', './a', '/..', '/a/../b', '../a', `/${'x'.repeat(4095)}`, `/${'ä'.repeat(2048)}`])(
	'refuses %s',
	path => {
		expect(pathProblem(path)).toBeTypeOf('string');
	},
);
