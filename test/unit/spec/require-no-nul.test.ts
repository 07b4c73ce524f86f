import { expect, it } from 'vitest';
import { createSpec } from '../../../src/spec/create-spec.ts';
import { requireNoNul } from '../../../src/spec/require-no-nul.ts';
import { thrownBy } from './expect-bad-flag.ts';
import { specInput } from './spec-input-fixture.ts';

const SPEC = createSpec(specInput());

it('names the place of a NUL, in a string or in a key', () => {
	const inString = { ...SPEC, process: { ...SPEC.process, args: ['sh', '-c', 'a\0b'] } } as typeof SPEC;
	expect(thrownBy(() => requireNoNul(inString))).toMatchObject({
		code: 'TSRUN_BAD_CONFIG',
		message: 'config.json /process/args/2: a string with a NUL byte',
	});
	expect(thrownBy(() => requireNoNul({ ...SPEC, annotations: { 'a\0': '' } }))).toMatchObject({
		message: 'config.json /annotations/a\0: a string with a NUL byte',
	});
});

it('takes the letters of its escape for what they are', () => {
	requireNoNul({ ...SPEC, annotations: { note: '\\u0000' } });
});
