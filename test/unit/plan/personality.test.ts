import { expect, it } from 'vitest';
import { compilePersonality } from '../../../src/plan/personality.ts';

it.each([
	['LINUX', 0],
	['LINUX32', 8],
])('%s is persona %i', (domain, persona) => {
	expect(compilePersonality({ ociVersion: '1.3.0', linux: { personality: { domain } } })).toMatchObject([
		{ op: 'personality', persona, from: '/linux/personality' },
	]);
});

it('is left to the caller where nothing asks for one', () => {
	expect(compilePersonality({ ociVersion: '1.3.0' })).toEqual([]);
});
