import { expect, it } from 'vitest';
import { validateSpec } from '../../../../src/spec/validate-spec.ts';
import { configWith, expectBadConfig } from './config-fixture.ts';

it.each([{ domain: 'LINUX' }, { domain: 'LINUX32', flags: [] }])('takes %j', personality => {
	expect(() => validateSpec(configWith('/linux/personality', personality))).not.toThrow();
});

it.each([
	[{}, '/domain'],
	[{ domain: 'linux' }, '/domain'],
	[{ domain: 'LINUX', flags: ['ADDR_NO_RANDOMIZE'] }, '/flags'],
])('refuses %j', (personality, place) => {
	expectBadConfig(configWith('/linux/personality', personality), `/linux/personality${place}`);
});
