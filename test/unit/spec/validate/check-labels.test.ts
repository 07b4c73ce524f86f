import { expect, it } from 'vitest';
import { validateSpec } from '../../../../src/spec/validate-spec.ts';
import { configWith, expectBadConfig } from './config-fixture.ts';

const FIELDS = ['/process/apparmorProfile', '/process/selinuxLabel', '/linux/mountLabel'];

it.each(FIELDS)('takes a label at %s, and an empty one for none', pointer => {
	expect(() => validateSpec(configWith(pointer, 'system_u:system_r:container_t:s0:c1,c2'))).not.toThrow();
	expect(validateSpec(configWith(pointer, ''))).toEqual(validateSpec(configWith(pointer, null)));
});

it.each(FIELDS)('lets nothing of %s become another option or line', pointer => {
	for (const label of ['a"b', 'a\nb', 'a\\b']) expectBadConfig(configWith(pointer, label), pointer);
});
