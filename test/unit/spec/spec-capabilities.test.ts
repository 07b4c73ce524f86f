import { expect, it } from 'vitest';
import { CAPABILITIES } from '../../../src/oci/capabilities.ts';
import { DEFAULT_CAPABILITIES } from '../../../src/spec/default-capabilities.ts';
import { DEFAULT_RUN_OPTIONS, type RunOptions } from '../../../src/spec/run-options.ts';
import { specCapabilities } from '../../../src/spec/spec-capabilities.ts';

const without = (names: readonly string[], ...gone: readonly string[]) => names.filter(name => !gone.includes(name));

it.each<[Partial<RunOptions>, readonly string[]]>([
	[{}, DEFAULT_CAPABILITIES],
	[{ privileged: true }, CAPABILITIES],
	[{ privileged: true, capDrop: ['ALL'] }, CAPABILITIES],
	[{ capAdd: ['CAP_NET_ADMIN'] }, [...DEFAULT_CAPABILITIES, 'CAP_NET_ADMIN']],
	[{ capAdd: ['CAP_CHOWN'] }, DEFAULT_CAPABILITIES],
	[{ capDrop: ['CAP_CHOWN'] }, without(DEFAULT_CAPABILITIES, 'CAP_CHOWN')],
	[{ capDrop: ['CAP_CHOWN'], capAdd: ['CAP_CHOWN'] }, [...without(DEFAULT_CAPABILITIES, 'CAP_CHOWN'), 'CAP_CHOWN']],
	[{ capDrop: ['ALL'] }, []],
	[{ capDrop: ['ALL'], capAdd: ['CAP_CHOWN'] }, ['CAP_CHOWN']],
	[{ capAdd: ['ALL'] }, CAPABILITIES],
	[{ capAdd: ['ALL'], capDrop: ['CAP_SYS_ADMIN'] }, without(CAPABILITIES, 'CAP_SYS_ADMIN')],
])('are, with %j, what docker gives', (options, expected) => {
	expect(specCapabilities({ ...DEFAULT_RUN_OPTIONS, ...options }, (1n << 41n) - 1n)).toEqual(expected);
});

it('are no more than tsrun holds itself', () => {
	expect(specCapabilities({ ...DEFAULT_RUN_OPTIONS, privileged: true }, (1n << 38n) - 1n).at(-1)).toBe(
		'CAP_AUDIT_READ',
	);
});
