import { mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readLog } from '../../../../src/runtime/life/read-log.ts';

const TIME = '2026-11-28T11:35:09.035702639Z';
const full = (text: string): string => `${TIME} stdout F ${text}\n`;
const part = (text: string): string => `${TIME} stdout P ${text}\n`;

let dir = '';
let path = '';
beforeEach(() => {
	dir = mkdtempSync(join(tmpdir(), 'tsrun-log-'));
	path = join(dir, 'container.log');
});
afterEach(() => rmSync(dir, { recursive: true }));

async function read(tail?: number): Promise<string> {
	let text = '';
	for await (const line of readLog({ path, ...(tail === undefined ? {} : { tail }) }))
		text += Buffer.from(line.text).toString();
	return text;
}

const openFiles = (): number => readdirSync('/proc/self/fd').length;

describe('the last lines', () => {
	it.each([
		[0, ''],
		[1, 'six\n'],
		[2, 'five\nsix\n'],
		[3, 'four four\nfive\nsix\n'],
		[5, 'two\nthree\nfour four\nfive\nsix\n'],
		[6, 'one\ntwo\nthree\nfour four\nfive\nsix\n'],
		[99, 'one\ntwo\nthree\nfour four\nfive\nsix\n'],
	])('%i of a log of three files', async (count, expected) => {
		writeFileSync(`${path}.2`, full('one') + full('two'));
		writeFileSync(`${path}.1`, full('three') + part('four ') + full('four'));
		writeFileSync(path, full('five') + full('six'));
		const before = openFiles();
		expect(await read(count)).toBe(expected);
		expect(openFiles()).toBe(before);
	});

	it('come with what has not ended yet', async () => {
		writeFileSync(path, full('one') + full('two') + part('thr'));
		expect(await read(1)).toBe('two\nthr');
	});

	it('are found over many blocks, wherever a block ends', async () => {
		for (const length of [0, 1, 37, 38, 39, 40, 41, 1000]) {
			const lines = Array.from({ length: 3000 }, (_, index) => `${index} ${'x'.repeat(length + (index % 7))}`);
			writeFileSync(path, lines.map(full).join(''));
			for (const count of [1, 2, 1499, 2999, 3000]) {
				expect(await read(count)).toBe(
					lines
						.slice(-count)
						.map(line => `${line}\n`)
						.join(''),
				);
			}
		}
	});

	it('of no log are none', async () => {
		expect(await read()).toBe('');
		expect(await read(5)).toBe('');
	});
});

it('gives all of a log whose files get other names meanwhile, each line once', async () => {
	writeFileSync(`${path}.1`, full('one'));
	writeFileSync(path, full('two'));
	const seen: string[] = [];
	for await (const { text } of readLog({ path })) {
		seen.push(Buffer.from(text).toString());
		if (seen.length === 1) {
			renameSync(path, `${path}.2`);
			renameSync(`${path}.1`, `${path}.3`);
			renameSync(`${path}.2`, `${path}.1`);
			renameSync(`${path}.3`, `${path}.2`);
			writeFileSync(path, full('three'));
		}
	}
	expect(seen).toEqual(['one\n', 'two\n', 'three\n']);
});
