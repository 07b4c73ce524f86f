import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { BusConnection } from '../../../src/native/bus-connection.ts';
import { type DbusMessage, encodeMessage } from '../../../src/plan/dbus/dbus-message.ts';
import { stopUnit } from '../../../src/plan/systemd/systemd-call.ts';

/** Answers what it is told, piece by piece, each after something has come in; then hangs up, or waits. */
const SERVER = `
const [path, then, ...pieces] = process.argv.slice(1);
require('node:net').createServer(socket => {
	let next = 0;
	socket.on('error', () => {});
	socket.on('data', data => {
		process.stdout.write(data.toString('hex') + '\\n');
		if (next < pieces.length) socket.write(Buffer.from(pieces[next++], 'hex'));
		if (next === pieces.length && then === 'end') socket.end();
	});
}).listen(path, () => process.stdout.write('ready\\n'));
`;

let dir: string | undefined;
let server: ChildProcess | undefined;
afterEach(() => {
	server?.kill('SIGKILL');
	if (dir !== undefined) rmSync(dir, { recursive: true });
	dir = undefined;
});

async function serve(then: 'end' | 'wait', ...pieces: readonly (string | Uint8Array)[]) {
	dir = mkdtempSync(join(tmpdir(), 'tsrun-bus-'));
	const path = join(dir, 'socket');
	const encoded = pieces.map(piece => Buffer.from(piece as string).toString('hex'));
	server = spawn(process.execPath, ['-e', SERVER, path, then, ...encoded], { stdio: ['ignore', 'pipe', 'inherit'] });
	let output = '';
	server.stdout?.on('data', (text: Buffer) => {
		output += text.toString();
	});
	if (server.stdout !== null) await once(server.stdout, 'data');
	return { path, received: () => output.split('\n').slice(1) };
}

const OK = 'OK 0123456789abcdef\r\n';
const SIGNAL: DbusMessage = {
	...{ type: 'signal', serial: 7, path: '/a', interface: 'a.b', member: 'JobRemoved' },
	...{ signature: 'uoss', body: [1, '/job/1', 'a.scope', 'done'] },
};
const ANSWER: DbusMessage = { type: 'return', serial: 8, replySerial: 1, signature: 'o', body: ['/job/1'] };

describe('BusConnection', () => {
	it('keeps the signals that come before an answer, also in one piece with it', async () => {
		const { path } = await serve('wait', OK, Buffer.concat([encodeMessage(SIGNAL), encodeMessage(ANSWER)]));
		const connection = BusConnection.open(path, 5000);
		expect(connection.call(stopUnit('a.scope'))).toEqual(ANSWER);
		expect(connection.signal(({ body }) => body[1] === '/job/1')).toEqual(SIGNAL);
		connection.close();
	});

	it('ends the authentication before it sends a message, which systemd would lose otherwise', async () => {
		const { path, received } = await serve('wait', OK, encodeMessage(ANSWER));
		const connection = BusConnection.open(path, 5000);
		connection.call(stopUnit('a.scope'));
		connection.close();
		await once(server?.stdout as NodeJS.ReadableStream, 'data');
		const user = Buffer.from(String(process.geteuid?.())).toString('hex');
		expect(Buffer.from(received()[0] ?? '', 'hex').toString()).toBe(`\0AUTH EXTERNAL ${user}\r\nBEGIN\r\n`);
	});

	it.each([
		['does not know the user', 'wait', ['REJECTED EXTERNAL\r\n'], /does not know this user/],
		['hangs up', 'end', [''], /hung up/],
		['is something else', 'wait', ['x'.repeat(600)], /not a D-Bus server/],
	] as const)('fails where the server %s', async (_, then, pieces, message) => {
		const { path } = await serve(then, ...pieces);
		expect(() => BusConnection.open(path, 5000)).toThrow(message);
	});

	it.each([
		['hangs up', 'end', Buffer.alloc(0), /hung up/],
		['sends what is no message', 'wait', Buffer.alloc(32, 1), /not a D-Bus message/],
	] as const)('fails where the server %s in place of an answer', async (_, then, piece, message) => {
		const { path } = await serve(then, OK, piece);
		const connection = BusConnection.open(path, 5000);
		expect(() => connection.call(stopUnit('a.scope'))).toThrow(message);
		connection.close();
	});

	it('does not wait for ever', async () => {
		const { path } = await serve('wait', OK);
		const connection = BusConnection.open(path, 200);
		expect(() => connection.call(stopUnit('a.scope'))).toThrow(expect.objectContaining({ code: 'EAGAIN' }));
		connection.close();
	});

	it('says so where nobody listens', () => {
		expect(() => BusConnection.open('/nowhere/socket', 200)).toThrow(expect.objectContaining({ code: 'ENOENT' }));
	});
});
