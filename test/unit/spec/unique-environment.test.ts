import { expect, it } from 'vitest';
import { uniqueEnvironment } from '../../../src/spec/unique-environment.ts';

it('keeps the last of each variable, and the order', () => {
	expect(uniqueEnvironment(['A=1', 'B=x=y', 'A=', 'C=3', 'A=2'])).toEqual(['B=x=y', 'C=3', 'A=2']);
	expect(uniqueEnvironment([])).toEqual([]);
});
