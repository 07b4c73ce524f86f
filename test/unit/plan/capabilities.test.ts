import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Capabilities, Process } from '../../../src/oci/runtime-spec.ts';
import { capabilityMask, capabilityNames, compileCapabilities } from '../../../src/plan/capabilities.ts';
import { DEFAULT_CAPABILITIES } from '../../../src/spec/default-capabilities.ts';

const ALL = (1n << 41n) - 1n;
const process = (capabilities?: Capabilities): Process => ({
	cwd: '/',
	user: { uid: 0, gid: 0 },
	...(capabilities === undefined ? {} : { capabilities }),
});
const compile = (capabilities?: Capabilities, facts: { held?: bigint; lastCapability?: number } = {}) =>
	compileCapabilities(process(capabilities), { lastCapability: 40, held: ALL, ...facts });

describe('capability names', () => {
	it('have the numbers of linux/capability.h', () => {
		const header = readFileSync('/usr/include/linux/capability.h', 'utf8');
		const numbers = [...header.matchAll(/^#define (CAP_\w+)\s+(\d+)$/gm)];
		expect(numbers).toHaveLength(41);
		for (const [, name, number] of numbers) {
			expect(capabilityMask([name as string], '')).toBe(1n << BigInt(number as string));
		}
	});

	it("give docker's default mask, and come back from it", () => {
		const mask = capabilityMask(DEFAULT_CAPABILITIES, '');
		expect(mask).toBe(0xa80425fbn);
		expect([...capabilityNames(mask)].sort()).toEqual([...DEFAULT_CAPABILITIES].sort());
		expect(capabilityNames(ALL)).toHaveLength(41);
		expect(capabilityNames(1n << 63n)).toEqual([]);
	});

	it('are read strictly in config.json', () => {
		for (const name of ['NET_RAW', 'cap_net_raw', 'CAP_NO_SUCH', '']) {
			expect(() => capabilityMask(['CAP_KILL', name], '/process/capabilities/bounding')).toThrow(
				`capability ${JSON.stringify(name)} at /process/capabilities/bounding/1 is unknown`,
			);
		}
	});
});

describe('the sets of a process', () => {
	it('are masks, empty where they are absent', () => {
		expect(compile()).toEqual({ bounding: 0n, effective: 0n, permitted: 0n, inheritable: 0n, ambient: 0n });
		expect(compile({ bounding: ['CAP_CHOWN', 'CAP_KILL'], permitted: ['CAP_KILL'], effective: ['CAP_KILL'] })).toEqual({
			bounding: 0x21n,
			permitted: 0x20n,
			effective: 0x20n,
			inheritable: 0n,
			ambient: 0n,
		});
	});

	it('may have the last capability that the kernel knows', () => {
		expect(compile({ permitted: ['CAP_BPF'] }, { lastCapability: 39 }).permitted).toBe(1n << 39n);
	});

	it.each([
		['not inheritable', { permitted: ['CAP_KILL'], ambient: ['CAP_KILL'] }],
		['not permitted', { bounding: ['CAP_KILL'], inheritable: ['CAP_KILL'], ambient: ['CAP_KILL'] }],
	])('leave out an ambient capability that is %s, as the kernel would', (_, sets) => {
		expect(compile(sets).ambient).toBe(0n);
	});

	it('may have ambient capabilities that are permitted and inheritable', () => {
		const one = ['CAP_NET_BIND_SERVICE'];
		expect(compile({ bounding: one, permitted: one, inheritable: one, ambient: one }).ambient).toBe(1n << 10n);
	});

	const cases: readonly (readonly [
		string,
		Capabilities,
		{ held?: bigint; lastCapability?: number },
		string,
		string,
	])[] = [
		[
			'unknown to the kernel',
			{ permitted: ['CAP_KILL', 'CAP_BPF'] },
			{ lastCapability: 38 },
			'TSRUN_BAD_CAPABILITY',
			'capability CAP_BPF at /process/capabilities/permitted/1 is not known to this kernel',
		],
		[
			'not held by this process',
			{ bounding: ['CAP_SYS_RESOURCE'] },
			{ held: ALL & ~(1n << 24n) },
			'TSRUN_CAPABILITY_NOT_HELD',
			'capability CAP_SYS_RESOURCE at /process/capabilities/bounding/0 is not held by tsrun itself',
		],
		[
			'effective but not permitted',
			{ effective: ['CAP_KILL'], bounding: ['CAP_KILL'] },
			{},
			'TSRUN_BAD_CAPABILITY',
			'capability CAP_KILL at /process/capabilities/effective/0 is not permitted',
		],
		[
			'inheritable but not bounding',
			{ inheritable: ['CAP_KILL'], permitted: ['CAP_KILL'] },
			{},
			'TSRUN_BAD_CAPABILITY',
			'capability CAP_KILL at /process/capabilities/inheritable/0 is not bounding',
		],
	];
	for (const [title, capabilities, facts, code, message] of cases) {
		it(`are refused with a name: ${title}`, () => {
			expect(() => compile(capabilities, facts)).toThrow(expect.objectContaining({ code, message }));
		});
	}
});
