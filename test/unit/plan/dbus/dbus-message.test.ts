import { describe, expect, it } from 'vitest';
import { type DbusMessage, decodeMessage, encodeMessage } from '../../../../src/plan/dbus/dbus-message.ts';
import { CAPTURED } from './captured.ts';

const SIGNAL: DbusMessage = {
	type: 'signal',
	serial: 9,
	path: '/org/freedesktop/systemd1',
	interface: 'org.freedesktop.systemd1.Manager',
	member: 'JobRemoved',
	sender: ':1.0',
	signature: 'uoss',
	body: [7, '/org/freedesktop/systemd1/job/7', 'runc-web.scope', 'done'],
};

describe('messages', () => {
	it.each(CAPTURED)('are what busctl sends, but for the order of the header fields: $name', ({ call, hex }) => {
		const captured = Buffer.from(hex, 'hex');
		const own = encodeMessage({ type: 'call', serial: 2, ...call });
		expect(decodeMessage(captured)).toEqual({ message: { type: 'call', serial: 2, ...call }, size: captured.length });
		expect(decodeMessage(own)?.message).toEqual(decodeMessage(captured)?.message);
		expect(own.length).toBe(captured.length);
	});

	it.each<DbusMessage>([
		SIGNAL,
		{ type: 'return', serial: 1, replySerial: 4, body: [] },
		{ type: 'error', serial: 1, replySerial: 4, errorName: 'org.x.E', signature: 's', body: ['no'] },
	])('come back as they were: $type', message => {
		const bytes = encodeMessage(message);
		expect(decodeMessage(bytes)).toEqual({ message, size: bytes.length });
	});

	it('are waited for until they are complete', () => {
		const bytes = encodeMessage(SIGNAL);
		for (let length = 0; length < bytes.length; length++)
			expect(decodeMessage(bytes.subarray(0, length))).toBeUndefined();
		const two = Buffer.concat([bytes, encodeMessage({ ...SIGNAL, serial: 10 })]);
		expect(decodeMessage(two)).toEqual({ message: SIGNAL, size: bytes.length });
	});

	it.each([
		['of the other byte order', 0, 0x42],
		['of another version', 3, 2],
		['of no type', 1, 9],
	])('are refused %s', (_, offset, byte) => {
		const bytes = encodeMessage(SIGNAL);
		bytes[offset] = byte;
		expect(() => decodeMessage(bytes)).toThrow();
	});

	it('are refused where one would fill the memory', () => {
		const bytes = encodeMessage(SIGNAL);
		new DataView(bytes.buffer).setUint32(4, 0x7fff_ffff, true);
		expect(() => decodeMessage(bytes)).toThrow(/bytes$/);
	});
});
