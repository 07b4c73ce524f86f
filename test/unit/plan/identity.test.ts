import { describe, expect, it } from 'vitest';
import type { Process } from '../../../src/oci/runtime-spec.ts';
import type { CapabilityMasks } from '../../../src/plan/capabilities.ts';
import { compileIdentity, compileRlimits } from '../../../src/plan/identity.ts';
import { stepsOf } from './plan-fixture.ts';

const NONE: CapabilityMasks = { bounding: 0n, effective: 0n, permitted: 0n, inheritable: 0n, ambient: 0n };
const UNLIMITED = 0xffff_ffff_ffff_ffffn;

function identity(user: Process['user'], masks: Partial<CapabilityMasks> = {}) {
	return compileIdentity({ cwd: '/', user }, { ...NONE, ...masks });
}

describe('compileIdentity', () => {
	it('orders what needs privileges before what takes them away', () => {
		expect(identity({ uid: 33, gid: 34 }).map(({ op }) => op)).toEqual([
			'dropBounding',
			'prctl',
			'setgroups',
			'setresgid',
			'setresuid',
			'prctl',
			'capset',
		]);
	});

	it('sets exactly the given groups as 32-bit numbers, and none where none are given (CVE-2022-36109)', () => {
		const groups = (additionalGids?: readonly number[]): readonly number[] => {
			const user = { uid: 0, gid: 0, ...(additionalGids === undefined ? {} : { additionalGids }) };
			const bytes = stepsOf(identity(user), 'setgroups')[0]?.groups as Uint8Array;
			return [...new Uint32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength))];
		};
		expect(groups([0, 10, 4_294_967_294])).toEqual([0, 10, 4_294_967_294]);
		expect(groups([])).toEqual([]);
		expect(groups()).toEqual([]);
	});

	it('hands ids on as they are, also those beyond 2^31 (CVE-2024-40635)', () => {
		const steps = identity({ uid: 2 ** 31, gid: 2 ** 32 - 2 });
		expect(stepsOf(steps, 'setresuid')).toMatchObject([{ uid: 2 ** 31 }]);
		expect(stepsOf(steps, 'setresgid')).toMatchObject([{ gid: 2 ** 32 - 2 }]);
	});

	it('sets the five capability sets as they are, and raises ambient ones only where there are some (CVE-2016-8867)', () => {
		const masks = { bounding: 7n, effective: 1n, permitted: 3n, inheritable: 2n, ambient: 2n };
		const steps = identity({ uid: 0, gid: 0 }, masks);
		expect(stepsOf(steps, 'dropBounding')).toMatchObject([{ keep: 7n }]);
		expect(stepsOf(steps, 'capset')).toMatchObject([{ effective: 1n, permitted: 3n, inheritable: 2n }]);
		expect(steps.at(-1)).toMatchObject({ op: 'raiseAmbient', set: 2n });
		expect(stepsOf(identity({ uid: 0, gid: 0 }), 'raiseAmbient')).toEqual([]);
	});
});

describe('compileRlimits', () => {
	it('names the resource by its number and the place in the configuration', () => {
		expect(compileRlimits([{ type: 'RLIMIT_NOFILE', soft: 1024, hard: 4096 }])).toMatchObject([
			{ op: 'rlimit', resource: 7, soft: 1024n, hard: 4096n, from: '/process/rlimits/0' },
		]);
	});

	it('takes -1 and what JSON makes of 2^64 - 1 for no limit', () => {
		const json = JSON.parse('{"soft":-1,"hard":18446744073709551615}') as { soft: number; hard: number };
		expect(compileRlimits([{ type: 'RLIMIT_CORE', ...json }])).toMatchObject([{ soft: UNLIMITED, hard: UNLIMITED }]);
	});

	it('keeps 0 and the largest exact number', () => {
		expect(compileRlimits([{ type: 'RLIMIT_CPU', soft: 0, hard: Number.MAX_SAFE_INTEGER }])).toMatchObject([
			{ soft: 0n, hard: BigInt(Number.MAX_SAFE_INTEGER) },
		]);
	});

	it('refuses a resource that Linux does not have, naming the field', () => {
		for (const type of ['RLIMIT_SPEED', 'constructor', '']) {
			expect(() => compileRlimits([{ type, soft: 0, hard: 0 }])).toThrow(
				`/process/rlimits/0/type: ${JSON.stringify(type)}`,
			);
		}
	});
});
