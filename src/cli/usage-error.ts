import type { CommanderError } from 'commander';
import { TsrunError } from '../core/errors.ts';

/** What commander says of words that it cannot take, as an error of tsrun. @param command that the words were given to */
export function usageError({ message }: CommanderError, command: string | undefined): TsrunError {
	const [first = '', ...rest] = message
		.replace(/^error: /, '')
		.split(/\n|\. (?=Allowed)/)
		.map(line => line.replace(/\.$/, ''));
	const help = command === undefined ? 'tsrun --help' : `tsrun ${command} --help`;
	return new TsrunError('TSRUN_USAGE', `${command === undefined ? '' : `${command}: `}${first}`, {
		hint: [...rest.flatMap(hintOf), `see ${help}`].join('; '),
	});
}

function hintOf(line: string): readonly string[] {
	const found = /Did you mean (?:one of )?(.+)\?|Allowed choices are (.+)/.exec(line);
	if (found?.[1] !== undefined) return [`did you mean ${found[1]}`];
	return found?.[2] === undefined ? [] : [`there are ${found[2]}`];
}
