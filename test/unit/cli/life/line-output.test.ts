import { Writable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { LineOutput } from '../../../../src/cli/life/line-output.ts';

interface Sink {
	readonly stream: NodeJS.WriteStream;
	readonly writes: string[];
	/** Lets the write that waits go on. */
	readonly read: () => void;
}

/** @param isSlow each write waits for `read` */
function sink(writes: string[] = [], isSlow = false): Sink {
	const waiting: (() => void)[] = [];
	const stream = new Writable({
		highWaterMark: 1,
		write(chunk: Buffer, _, done) {
			writes.push(chunk.toString());
			if (isSlow) waiting.push(done);
			else done();
		},
	});
	return { stream: stream as unknown as NodeJS.WriteStream, writes, read: () => waiting.shift()?.() };
}

const line = (text: string): Buffer => Buffer.from(`${text}\n`);

describe('lines that come at once', () => {
	it('are one write, when the event loop comes round', async () => {
		const { stream, writes } = sink();
		const output = new LineOutput();
		for (const text of ['a', 'b', 'c']) expect(await output.push(stream, line(text))).toBe(true);
		expect(writes).toEqual([]);
		await nextTurn();
		await output.flush();
		expect(writes).toEqual(['a\nb\nc\n']);
	});

	it('keep their order over two streams', async () => {
		const all: string[] = [];
		const [out, err] = [sink(all).stream, sink(all).stream];
		const output = new LineOutput();
		for (const [stream, text] of [
			[out, 'a'],
			[out, 'b'],
			[err, 'c'],
			[out, 'd'],
		] as const)
			await output.push(stream, line(text));
		await output.flush();
		expect(all).toEqual(['a\nb\n', 'c\n', 'd\n']);
	});

	it('wait for the reader when they are many', async () => {
		const { stream, writes, read } = sink([], true);
		const output = new LineOutput();
		const big = line('x'.repeat(70_000));
		let pushed = 0;
		const all = (async () => {
			for (; pushed < 3; pushed++) await output.push(stream, big);
		})();
		await nextTurn();
		await nextTurn();
		expect([pushed, writes.length]).toEqual([0, 1]);
		read();
		await nextTurn();
		await nextTurn();
		expect([pushed, writes.length]).toEqual([1, 2]);
		read();
		await nextTurn();
		read();
		await all;
		expect(writes).toHaveLength(3);
	});
});

it('tells that nobody reads any more', async () => {
	const { stream } = sink();
	const output = new LineOutput();
	await output.push(stream, line('a'));
	stream.destroy();
	expect(await output.flush()).toBe(false);
	expect(await output.push(stream, line('b'))).toBe(false);
});
