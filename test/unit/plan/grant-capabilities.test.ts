import { describe, expect, it } from 'vitest';
import type { Capabilities, Process, RuntimeSpec } from '../../../src/oci/runtime-spec.ts';
import { grantCapabilities } from '../../../src/plan/grant-capabilities.ts';

const CHOWN = 1n;
const KILL = 1n << 5n;
const SPEC: RuntimeSpec = { ociVersion: '1.3.0' };
const MAPPED: RuntimeSpec = { ...SPEC, linux: { namespaces: [{ type: 'user' }] } };

function grant(capabilities: Capabilities, { held = CHOWN | KILL, spec = SPEC } = {}) {
	const process: Process = { cwd: '/', user: { uid: 0, gid: 0 }, capabilities };
	const { process: granted, warnings } = grantCapabilities(process, spec, { capabilities: held, lastCapability: 40 });
	return { sets: granted.capabilities, warnings };
}

describe('grantCapabilities', () => {
	it('leaves a process alone that gets what it asks for, or asks for nothing', () => {
		const sets = { bounding: ['CAP_CHOWN', 'CAP_KILL'], permitted: [] };
		expect(grant(sets)).toEqual({ sets, warnings: [] });
		const process: Process = { cwd: '/', user: { uid: 0, gid: 0 } };
		expect(grantCapabilities(process, SPEC, { capabilities: 0n, lastCapability: 40 })).toEqual({
			process,
			warnings: [],
		});
	});

	it('leaves out what is no capability, what this kernel does not have and what tsrun does not hold, and says so once', () => {
		const { sets, warnings } = grant({
			bounding: ['CAP_CHOWN', 'NO_CAP', 'CAP_SYS_ADMIN'],
			effective: ['NO_CAP', 'CAP_CHECKPOINT_RESTORE'],
		});
		expect(sets).toEqual({ bounding: ['CAP_CHOWN'], effective: [] });
		expect(warnings).toEqual([
			'ignoring unknown or unavailable capabilities: [CAP_CHECKPOINT_RESTORE CAP_SYS_ADMIN NO_CAP]',
		]);
	});

	it('gives every capability in a user namespace', () => {
		expect(grant({ bounding: ['CAP_SYS_ADMIN'] }, { held: 0n, spec: MAPPED }).warnings).toEqual([]);
		expect(grant({ bounding: ['NO_CAP'] }, { spec: MAPPED }).sets).toEqual({ bounding: [] });
	});

	it('tells which ambient ones cannot be raised', () => {
		const both = ['CAP_CHOWN', 'CAP_KILL'];
		const { sets, warnings } = grant({ ambient: both, permitted: both, inheritable: ['CAP_KILL'] });
		expect(sets?.ambient).toEqual(both);
		expect(warnings).toEqual([expect.stringMatching(/^can't raise ambient capability CAP_CHOWN: /)]);
	});
});
