import { describe, expect, it } from 'vitest';
import { LineCutter, parseLogLine } from '../../../../src/runtime/life/log-line.ts';

const TIME = '2026-11-28T11:35:09.035702639Z';
const parse = (text: string) => {
	const line = parseLogLine(Buffer.from(text));
	return line === undefined ? undefined : { ...line, text: Buffer.from(line.text).toString() };
};

describe('parseLogLine', () => {
	it.each([
		['a line', `${TIME} stdout F hello world\n`, { stream: 'stdout', text: 'hello world\n', isPartial: false }],
		['one that goes on', `${TIME} stderr P part\n`, { stream: 'stderr', text: 'part', isPartial: true }],
		['an empty one', `${TIME} stdout F \n`, { stream: 'stdout', text: '\n', isPartial: false }],
		[
			'spaces and a carriage return',
			`${TIME} stdout F  a \r\n`,
			{ stream: 'stdout', text: ' a \r\n', isPartial: false },
		],
	])('reads %s', (_, text, expected) => {
		expect(parse(text)).toEqual({ time: TIME, ...expected });
	});

	it.each([
		'',
		'\n',
		'x\n',
		`${TIME} stdin F x\n`,
		`${TIME} stdout X x\n`,
		`${TIME} stdout F x`,
		`${TIME.slice(1)} stdout F xx\n`,
	])('takes %j for none', text => {
		expect(parse(text)).toBeUndefined();
	});
});

it('cuts lines out of pieces of any size', () => {
	const text = 'one\n\ntwo two\nthree\nrest';
	for (let size = 1; size <= text.length; size++) {
		const cutter = new LineCutter();
		const lines: string[] = [];
		for (let at = 0; at < text.length; at += size) {
			for (const line of cutter.push(Buffer.from(text.slice(at, at + size)))) lines.push(Buffer.from(line).toString());
		}
		expect(lines).toEqual(['one\n', '\n', 'two two\n', 'three\n']);
	}
});
