import { constants } from 'node:os';
import type { Attachment } from '../../runtime/life/attach-container.ts';
import { KeyWatch } from '../../spec/detach-keys.ts';
import { writeTo } from '../life/write-to.ts';
import type { AttachFlags } from './attach-options.ts';

const PASSED = ['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGALRM', 'SIGCONT'] as const;
/** How long input waits that the container does not take yet. */
const RETRY_MS = 10;

/** Input and output of this process are those of the container until that ends. @returns its exit code; 0 where somebody detached, or nobody reads any more */
export async function stayAttached(attachment: Attachment, { keys, passesSignals }: AttachFlags): Promise<number> {
	const isTerminal = attachment.tty && process.stdin.isTTY === true;
	if (attachment.tty) followSize(attachment);
	// what is typed at a terminal comes as input, and its hang-up ends this process alone
	if (passesSignals && !attachment.tty) {
		for (const name of PASSED) process.on(name, () => attachment.signal(constants.signals[name]));
	}
	const { write } = attachment;
	const detached = write === undefined ? new Promise<never>(() => {}) : passInput(write, isTerminal ? keys : []);
	if (isTerminal && write !== undefined) process.stdin.setRawMode(true);
	try {
		const end = await Promise.race([showOutput(attachment), detached]);
		if (end === 'ended') return attachment.exitCode();
		if (end === 'unread') return 0;
		process.stderr.write('read escape sequence\r\n');
		return 0;
	} finally {
		if (isTerminal && write !== undefined) process.stdin.setRawMode(false);
		process.stdin.destroy();
	}
}

async function showOutput({ output }: Attachment): Promise<'ended' | 'unread'> {
	for await (const { stream, text } of output) {
		if (!(await writeTo(stream === 'stdout' ? process.stdout : process.stderr, text))) return 'unread';
	}
	return 'ended';
}

/** Never resolves but by the keys. */
function passInput(write: NonNullable<Attachment['write']>, keys: readonly number[]): Promise<'detached'> {
	const watch = new KeyWatch(keys);
	return new Promise((resolve, reject) => {
		const pass = (bytes: Uint8Array): void => {
			try {
				const left = bytes.subarray(write(bytes));
				if (left.length === 0) process.stdin.resume();
				else setTimeout(pass, RETRY_MS, left);
			} catch (error) {
				reject(error);
			}
		};
		process.stdin.on('error', () => {});
		process.stdin.on('data', (bytes: Uint8Array) => {
			const { passed, isDetached } = watch.push(bytes);
			process.stdin.pause();
			if (isDetached) resolve('detached');
			else pass(passed);
		});
	});
}

function followSize({ resize }: Attachment): void {
	const tell = (): void => {
		const stream = [process.stdout, process.stderr].find(({ isTTY }) => isTTY);
		if (stream === undefined) return;
		const [columns, rows] = stream.getWindowSize();
		resize({ rows, columns });
	};
	tell();
	process.on('SIGWINCH', () => setImmediate(tell));
}
