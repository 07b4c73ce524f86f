import { closeSync, readSync, writeSync } from 'node:fs';
import { type DbusMessage, decodeMessage, encodeMessage } from '../plan/dbus/dbus-message.ts';
import type { BusCall } from '../plan/systemd/systemd-call.ts';
import { call } from './call.ts';
import { perform } from './perform.ts';
import { connect, unixSocket } from './socket-calls.ts';

const SOL_SOCKET = 1;
const SO_RCVTIMEO = 20;
const CHUNK = 4096;
const LONGEST_LINE = 512;

/**
 * A connection to a D-Bus server, which may be systemd itself. Calls wait for their answer, and this thread with them; signals
 * that come meanwhile are kept.
 */
export class BusConnection {
	readonly #fd: number;
	#received: Uint8Array = new Uint8Array(0);
	#signals: DbusMessage[] = [];
	#serial = 0;

	private constructor(fd: number) {
		this.#fd = fd;
	}

	/**
	 * Connects, and authenticates by the user that the kernel knows of this process (D-Bus specification, "EXTERNAL").
	 * @throws SystemError; EAGAIN where nothing answers in time
	 */
	static open(path: string, timeoutMs: number): BusConnection {
		const fd = unixSocket();
		try {
			connect(fd, path);
			const time = [Math.trunc(timeoutMs / 1000), (timeoutMs % 1000) * 1000];
			perform(call('setsockopt', fd, SOL_SOCKET, SO_RCVTIMEO, time, 16), 'setsockopt', { fd });
			const connection = new BusConnection(fd);
			connection.#authenticate();
			return connection;
		} catch (error) {
			closeSync(fd);
			throw error;
		}
	}

	/** @returns a `return` or an `error` */
	call(asked: BusCall): DbusMessage {
		const serial = ++this.#serial;
		this.#send(encodeMessage({ type: 'call', serial, ...asked }));
		for (;;) {
			const message = this.#receive();
			if (message.replySerial === serial && message.type !== 'call') return message;
			if (message.type === 'signal') this.#signals.push(message);
		}
	}

	/** The first signal that passes, of those that have come or will come. */
	signal(passes: (message: DbusMessage) => boolean): DbusMessage {
		for (;;) {
			const found = this.#signals.find(passes);
			if (found !== undefined) return found;
			const message = this.#receive();
			if (message.type === 'signal') this.#signals.push(message);
		}
	}

	close(): void {
		closeSync(this.#fd);
	}

	/** In one write: systemd forgets a message that comes to it together with the end of the authentication. */
	#authenticate(): void {
		const user = Buffer.from(String(process.geteuid?.() ?? 0)).toString('hex');
		this.#send(Buffer.from(`\0AUTH EXTERNAL ${user}\r\nBEGIN\r\n`));
		const answer = this.#line();
		if (!answer.startsWith('OK ')) throw new Error(`the bus does not know this user: ${JSON.stringify(answer)}`);
	}

	#line(): string {
		for (;;) {
			const text = Buffer.from(this.#received).toString('latin1');
			const end = text.indexOf('\r\n');
			if (end >= 0) {
				this.#received = this.#received.subarray(end + 2);
				return text.slice(0, end);
			}
			if (text.length > LONGEST_LINE) throw new Error('not a D-Bus server');
			this.#read();
		}
	}

	#receive(): DbusMessage {
		for (;;) {
			const decoded = decodeMessage(this.#received);
			if (decoded !== undefined) {
				this.#received = this.#received.subarray(decoded.size);
				return decoded.message;
			}
			this.#read();
		}
	}

	#read(): void {
		const chunk = new Uint8Array(CHUNK);
		const size = readSync(this.#fd, chunk);
		if (size === 0) throw new Error('the D-Bus server has hung up');
		const joined = new Uint8Array(this.#received.length + size);
		joined.set(this.#received);
		joined.set(chunk.subarray(0, size), this.#received.length);
		this.#received = joined;
	}

	#send(bytes: Uint8Array): void {
		for (let offset = 0; offset < bytes.length; ) offset += writeSync(this.#fd, bytes, offset);
	}
}
