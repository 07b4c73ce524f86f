import { expect, it } from 'vitest';
import { isSameSchemata } from '../../../src/plan/schemata.ts';

const FOUND = '    MB:0=100;1=100\n    L3:0=0000f;1=ffff0\n';

it.each<[readonly string[], boolean]>([
	[['L3:0=f;1=ffff0'], true],
	[['L3:0=F'], true],
	[['MB:1=100;0=100', 'L3:1=ffff0'], true],
	[['L3:0=ff', 'L3:0=f'], true],
	[['L3:0=e'], false],
	[['L3:2=f'], false],
	[['L2:0=f'], false],
	[['MB:0=10'], false],
])('%j: %s', (asked, same) => {
	expect(isSameSchemata(asked, FOUND)).toBe(same);
});
