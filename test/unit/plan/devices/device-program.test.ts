import { describe, expect, it } from 'vitest';
import { deviceProgram } from '../../../../src/plan/devices/device-program.ts';
import { DEFAULT_RULES, generator, isAllowed, REQUESTS, randomRules } from './device-rule-cases.ts';
import { runDeviceProgram } from './ebpf-interpreter.ts';

const instructions = (program: Uint8Array): readonly string[] =>
	Buffer.from(program).toString('hex').match(/.{16}/g) ?? [];

describe('deviceProgram', () => {
	it('is these bytes for one device', () => {
		const rules = [{ allow: false }, { allow: true, type: 'c', major: 1, minor: 3, access: 'rw' } as const];
		expect(instructions(deviceProgram(rules))).toEqual([
			'6113000000000000', // r3 = *(u32 *)(r1 + 0)
			'6114040000000000', // r4 = *(u32 *)(r1 + 4)
			'6115080000000000', // r5 = *(u32 *)(r1 + 8)
			'bc32000000000000', // w2 = w3
			'54020000ffff0000', // w2 &= 0xffff
			'7403000010000000', // w3 >>= 16
			'5502060002000000', // if r2 != 2 goto +6
			'5504050001000000', // if r4 != 1 goto +5
			'5505040003000000', // if r5 != 3 goto +4
			'5403000001000000', // w3 &= 1
			'5503020000000000', // if r3 != 0 goto +2
			'b700000001000000', // r0 = 1
			'9500000000000000', // exit
			'b700000000000000', // r0 = 0
			'9500000000000000', // exit
		]);
	});

	it('forgets what stands before a rule for everything', () => {
		const before = [{ allow: true, type: 'c', major: 1, minor: 3 }, { allow: true }] as const;
		for (const last of [{ allow: false }, { allow: true, type: 'a', major: -1, minor: -1, access: 'mwr' } as const]) {
			expect(deviceProgram([...before, last])).toEqual(deviceProgram([last]));
		}
	});

	it('denies without a rule', () => {
		expect(REQUESTS.some(request => runDeviceProgram(deviceProgram([]), request) !== 0)).toBe(false);
	});

	it("lets docker's devices through and no other", () => {
		const program = deviceProgram(DEFAULT_RULES);
		const run = (type: 'b' | 'c', major: number, minor: number, access: number): number =>
			runDeviceProgram(program, { type, major, minor, access });
		expect([run('c', 1, 3, 6), run('c', 136, 77, 6), run('b', 8, 0, 1), run('c', 10, 1, 1)]).toEqual([1, 1, 1, 1]);
		expect([run('b', 8, 0, 2), run('c', 1, 1, 2), run('c', 5, 1, 4), run('b', 1, 3, 6), run('b', 8, 0, 3)]).toEqual([
			0, 0, 0, 0, 0,
		]);
	});

	it('lets the last matching rule decide for each kind of access, for random rules', () => {
		const random = generator(11);
		for (let round = 0; round < 500; round++) {
			const rules = randomRules(random);
			const program = deviceProgram(rules);
			for (const request of REQUESTS) {
				expect({ rules, request, allowed: runDeviceProgram(program, request) }).toEqual({
					rules,
					request,
					allowed: isAllowed(rules, request) ? 1 : 0,
				});
			}
		}
	});

	it('refuses a bad rule with its place', () => {
		for (const [rule, message] of [
			[{ allow: true, access: 'rx' }, 'device access "rx" at /linux/resources/devices/1/access is unknown'],
			[{ allow: true, major: 4096 }, 'device number 4096 at /linux/resources/devices/1/major is out of range'],
			[{ allow: true, minor: -2 }, 'device number -2 at /linux/resources/devices/1/minor is out of range'],
			[{ allow: true, minor: 1.5 }, 'device number 1.5 at /linux/resources/devices/1/minor is out of range'],
			[{ allow: true, type: 'u' as 'c' }, 'device type "u" at /linux/resources/devices/1/type is unknown'],
		] as const) {
			expect(() => deviceProgram([{ allow: false }, rule])).toThrow(
				expect.objectContaining({ code: 'TSRUN_BAD_DEVICE_RULE', message }),
			);
		}
	});
});
