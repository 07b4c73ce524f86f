import { describe, expect, it } from 'vitest';
import type { DbusValue } from '../../../../src/plan/dbus/dbus-value.ts';
import { marshal } from '../../../../src/plan/dbus/marshal.ts';
import { unmarshal } from '../../../../src/plan/dbus/unmarshal.ts';
import { CAPTURED } from './captured.ts';

const SIGNATURE = 'ybnqiuxtdsoga(ss)ayva{sv}(yt)';
const VALUES: readonly DbusValue[] = [
	...[7, true, -3, 4, -5, 6, -7n, 8n, 0.25, 'text', '/a/b', 'a(ss)'],
	...[[['one', 'two']], Uint8Array.of(1, 2, 3), { signature: 'as', value: ['x', 'y'] }],
	...[[['key', { signature: 't', value: 9n }]], [1, 2n]],
] as readonly DbusValue[];

describe('unmarshal', () => {
	it('reads what marshal writes, each type', () => {
		expect(unmarshal(SIGNATURE, marshal(SIGNATURE, VALUES))).toEqual(VALUES);
	});

	it.each(CAPTURED)('reads the body that busctl sends: $name', ({ call, hex }) => {
		const bytes = Buffer.from(hex, 'hex');
		expect(unmarshal(call.signature, bytes.subarray(bytes.length - bytes.readUInt32LE(4)))).toEqual(call.body);
	});

	it('refuses what ends early, at every length', () => {
		const bytes = marshal(SIGNATURE, VALUES);
		for (let length = 0; length < bytes.length; length++) {
			expect(() => unmarshal(SIGNATURE, bytes.subarray(0, length))).toThrow();
		}
	});

	it.each([
		['an array longer than the message', 'au', 'ffffff7f00000000'],
		['an array that ends within an element', 'au', '0500000001000000 02000000'.replace(' ', '')],
		['a variant of two values', 'v', '0275750000000000'],
		['a variant of a signature that is none', 'v', '01280000'],
	])('refuses %s', (_, signature, hex) => {
		expect(() => unmarshal(signature, Buffer.from(hex, 'hex'))).toThrow();
	});
});
