import { Command, Option } from 'commander';
import { describe, expect, it } from 'vitest';
import { acceptBooleanValues } from '../../../src/cli/boolean-values.ts';
import { addRunOptions } from '../../../src/cli/run-flags.ts';

function parse(...words: readonly string[]) {
	const program = new Command()
		.enablePositionalOptions()
		.exitOverride()
		.configureOutput({ writeErr: () => {} });
	const command = addRunOptions(program.command('run').argument('<words...>')).action(() => {});
	acceptBooleanValues(command.exitOverride());
	program.parse(['run', ...words], { from: 'user' });
	return { flags: command.opts(), words: command.args };
}

describe('a switch takes true or false after an equals sign', () => {
	it.each([
		[['--rm=true'], { rm: true }],
		[['--rm=1'], { rm: true }],
		[['--rm=false'], { rm: false }],
		[['--read-only=F'], { readOnly: false }],
		[['--rm', '--rm=false'], { rm: false }],
		[['--rm=false', '--rm'], { rm: true }],
		[['-i=false'], { interactive: false }],
		[['-it=false'], { interactive: true, tty: false }],
		[['-it'], { interactive: true, tty: true }],
		[['-m', '--rm=false'], { memory: '--rm=false' }],
		[['-im', '--rm=false'], { interactive: true, memory: '--rm=false' }],
		[['--memory', '--rm=false'], { memory: '--rm=false' }],
		[['-m1g', '--rm=false'], { memory: '1g', rm: false }],
		[['--memory=1g'], { memory: '1g' }],
		[['-e=A=1'], { env: ['=A=1'] }],
		[['-v', '/a:/b', '--rm=true'], { volume: ['/a:/b'], rm: true }],
		[['-eit=false'], { env: ['it=false'] }],
	])('%j', (words, expected) => {
		expect(parse(...words, 'image').flags).toMatchObject(expected);
	});

	it.each([['image'], ['-i', 'image'], ['--', 'image']])('but not after the image: %j', (...before) => {
		const { words, flags } = parse(...before, '--rm=false', '-t=true');
		expect(words).toEqual(['image', '--rm=false', '-t=true']);
		expect(flags).not.toHaveProperty('rm');
	});

	it('names the switch and the value that is neither', () => {
		expect(() => parse('--rm=maybe', 'image')).toThrow(/^--rm "maybe" is neither true nor false$/);
		expect(() => parse('-it=maybe', 'image')).toThrow(/^--tty "maybe" is neither/);
	});

	it('leaves an option that is none to be refused', () => {
		expect(() => parse('--frob=false', 'image')).toThrow(/unknown option '--frob=false'/);
		expect(() => parse('-iz=false', 'image')).toThrow(/unknown option/);
	});
});

describe('an option that may have a value', () => {
	it.each([
		[['--trace', 'image'], { trace: '' }, ['image']],
		[['--trace=', 'image'], { trace: '' }, ['image']],
		[['--trace=file', 'image', '--trace'], { trace: 'file' }, ['image', '--trace']],
		[['image', '--trace'], {}, ['image', '--trace']],
	])('has it behind an equals sign only: %j', (words, flags, rest) => {
		const command = new Command()
			.exitOverride()
			.passThroughOptions()
			.argument('<words...>')
			.action(() => {});
		command.addOption(new Option('--trace [=file]'));
		acceptBooleanValues(command);
		command.parse(words, { from: 'user' });
		expect(command.opts()).toEqual(flags);
		expect(command.args).toEqual(rest);
	});
});
