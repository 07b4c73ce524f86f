import { describe, expect, it } from 'vitest';
import { parseStepCommand, STEP_HELP } from '../../../../src/explain/step/step-command.ts';

describe('parseStepCommand', () => {
	it.each([
		['', { kind: 'next', count: 1 }],
		['  \t', { kind: 'next', count: 1 }],
		['n', { kind: 'next', count: 1 }],
		['next 25', { kind: 'next', count: 25 }],
		['c', { kind: 'continue' }],
		[' continue  init:17 ', { kind: 'continue', to: 'init:17' }],
		['s', { kind: 'skip' }],
		['sh', { kind: 'sh' }],
		['sh ls  -l /; id ', { kind: 'sh', command: 'ls  -l /; id' }],
		['host cat /proc/$TSRUN_INIT/status', { kind: 'host', command: 'cat /proc/$TSRUN_INIT/status' }],
		['i', { kind: 'info' }],
		['info mounts', { kind: 'info', topic: 'mounts' }],
		['q', { kind: 'quit' }],
		['quit\r', { kind: 'quit' }],
		['?', { kind: 'help' }],
		['h', { kind: 'help' }],
	])('%j', (line, command) => {
		expect(parseStepCommand(line)).toEqual(command);
	});

	it.each([
		['frob', 'there is no command "frob": help lists them'],
		['Next', 'there is no command "Next": help lists them'],
		['constructor', 'there is no command "constructor": help lists them'],
		['\u001b[A', 'there is no command "\\u001b[A": help lists them'],
		['next 0', 'next: "0" is not a number of steps'],
		['n -1', 'next: "-1" is not a number of steps'],
		['n 1 2', 'next: "1 2" is not a number of steps'],
		['n 1000000', 'next: "1000000" is not a number of steps'],
		['skip 3', 'skip takes nothing after it'],
		['quit now', 'quit takes nothing after it'],
	])('says what is wrong with %j, and carries out nothing', (line, problem) => {
		expect(parseStepCommand(line)).toEqual({ kind: 'wrong', problem });
	});

	it('knows each command of its help', () => {
		const words = [...STEP_HELP.matchAll(/^ {2}([a-z]+)/gm)].map(([, word = '']) => word);
		expect(words).toEqual(['next', 'continue', 'skip', 'sh', 'host', 'info', 'quit', 'help']);
		for (const word of words) expect(parseStepCommand(word)).toMatchObject({ kind: word });
	});
});
