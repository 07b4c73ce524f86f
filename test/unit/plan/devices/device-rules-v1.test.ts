import { describe, expect, it } from 'vitest';
import { type DeviceWrite, deviceRulesV1 } from '../../../../src/plan/devices/device-rules-v1.ts';
import { DEFAULT_RULES, generator, isAllowed, REQUESTS, randomRules } from './device-rule-cases.ts';
import type { DeviceRequest } from './ebpf-interpreter.ts';

const BIT: Readonly<Record<string, number>> = { m: 1, r: 2, w: 4 };

/** What the kernel makes of the writes in a cgroup that allowed everything: a default and exceptions (security/device_cgroup.c). */
function kernelAllows(writes: readonly DeviceWrite[], request: DeviceRequest, letter: string): boolean {
	const denies = writes[0]?.data === 'a';
	const exceptions = writes.slice(denies ? 1 : 0);
	expect(exceptions.every(({ file }) => file === (denies ? 'devices.allow' : 'devices.deny'))).toBe(true);
	const isException = exceptions.some(({ data }) => {
		const match = /^([bc]) (\d+|\*):(\d+|\*) ([rwm]+)$/.exec(data);
		if (match === null) throw new Error(`the kernel takes no ${data}`);
		const [, type, major, minor, access] = match;
		return (
			type === request.type &&
			['*', String(request.major)].includes(major as string) &&
			['*', String(request.minor)].includes(minor as string) &&
			(access as string).includes(letter)
		);
	});
	return denies === isException;
}

describe('deviceRulesV1', () => {
	it("writes docker's rules", () => {
		expect(deviceRulesV1(DEFAULT_RULES)).toEqual([
			{ file: 'devices.deny', data: 'a' },
			{ file: 'devices.allow', data: 'c *:* m' },
			{ file: 'devices.allow', data: 'b *:* m' },
			{ file: 'devices.allow', data: 'c 1:3 rwm' },
			{ file: 'devices.allow', data: 'c 5:2 rwm' },
			{ file: 'devices.allow', data: 'c 136:* rwm' },
		]);
	});

	it('writes nothing where everything is allowed', () => {
		expect(deviceRulesV1([{ allow: false }, { allow: true }])).toEqual([]);
	});

	it('takes exceptions back as the rules do', () => {
		const open = { type: 'c', major: 1, minor: 3 } as const;
		expect(
			deviceRulesV1([
				{ allow: true, ...open },
				{ allow: false, ...open, access: 'w' },
			]),
		).toEqual([
			{ file: 'devices.deny', data: 'a' },
			{ file: 'devices.allow', data: 'c 1:3 rm' },
		]);
		expect(
			deviceRulesV1([
				{ allow: true, ...open },
				{ allow: false, type: 'c', major: 1 },
			]),
		).toEqual([{ file: 'devices.deny', data: 'a' }]);
		expect(deviceRulesV1([{ allow: true }, { allow: false, ...open }])).toEqual([
			{ file: 'devices.deny', data: 'c 1:3 rwm' },
		]);
	});

	it('refuses a hole in an exception, which the kernel would ignore', () => {
		const rules = [
			{ allow: false },
			{ allow: true, type: 'c', access: 'rw' },
			{ allow: false, type: 'c', major: 10 },
		] as const;
		expect(() => deviceRulesV1(rules)).toThrow(
			expect.objectContaining({
				code: 'TSRUN_BAD_DEVICE_RULE',
				message:
					'device rule at /linux/resources/devices/2 cannot deny part of what an earlier rule allows, c *:* rw, with cgroup v1',
			}),
		);
	});

	it('comes to what the rules say, for random rules', () => {
		const random = generator(5);
		let refused = 0;
		for (let round = 0; round < 1000; round++) {
			const rules = randomRules(random);
			let writes: readonly DeviceWrite[];
			try {
				writes = deviceRulesV1(rules);
			} catch (error) {
				expect(error).toMatchObject({ message: expect.stringContaining('with cgroup v1') });
				refused++;
				continue;
			}
			for (const request of REQUESTS.filter(({ access }) => Object.values(BIT).includes(access))) {
				const letter = Object.keys(BIT).find(key => BIT[key] === request.access) as string;
				expect({ rules, request, allowed: kernelAllows(writes, request, letter) }).toEqual({
					rules,
					request,
					allowed: isAllowed(rules, request),
				});
			}
		}
		expect(refused).toBeGreaterThan(50);
		expect(refused).toBeLessThan(700);
	});
});
