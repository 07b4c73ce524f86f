import { type Command, Option } from 'commander';
import { badFlag } from '../spec/bad-flag.ts';
import { parseBoolean } from '../spec/parse-boolean.ts';

/**
 * Lets every switch of a command take a value as docker's do: `--rm=false`, `-i=true`, `-it=false` (which is -i and not -t). The
 * last one of several wins.
 * @throws TsrunError TSRUN_BAD_FLAG while parsing, for a value that is neither true nor false
 */
export function acceptBooleanValues(command: Command): void {
	const switches = command.options.filter(option => option.isBoolean() && option.long !== undefined);
	for (const { long, attributeName } of switches.map(option => ({
		...option,
		attributeName: option.attributeName(),
	}))) {
		const isNegatable = command.options.some(other => other.negate && other.attributeName() === attributeName);
		if (!isNegatable) command.addOption(new Option(negated(long ?? '')).hideHelp());
	}
	const parse = command.parseOptions.bind(command);
	command.parseOptions = words => parse(translate(words, command.options));
}

/** Commander takes brackets anywhere for that, also those in `<path[:modes]>`. */
export const mayHaveValue = ({ optional, required }: Option): boolean => optional && !required;

const isCalled = ({ short, long }: Option, flag: string): boolean => flag === short || flag === long;
const negated = (long: string): string => `--no-${long.slice(2)}`;

/**
 * The words with `--switch` or `--no-switch` for each switch with a value, and `--option=` for each option that may have a value and has
 * none, lest it take the next word for one; up to the first word that is no option.
 */
function translate(words: readonly string[], options: readonly Option[]): string[] {
	const translated: string[] = [];
	for (let index = 0; index < words.length; index++) {
		const word = words[index] ?? '';
		if (word === '--' || word === '-' || !word.startsWith('-')) return [...translated, ...words.slice(index)];
		translated.push(...translateOption(word, options));
		if (takesNext(word, options)) translated.push(...words.slice(++index, index + 1));
	}
	return translated;
}

function translateOption(word: string, options: readonly Option[]): readonly string[] {
	const equals = word.indexOf('=');
	if (equals < 0) return [options.some(option => mayHaveValue(option) && isCalled(option, word)) ? `${word}=` : word];
	const name = word.slice(0, equals);
	const isLong = name.startsWith('--');
	const flags = isLong ? [name] : [...name.slice(1)].map(letter => `-${letter}`);
	const found = flags.map(flag => options.find(option => option.isBoolean() && isCalled(option, flag)));
	const last = found.at(-1)?.long;
	if (last === undefined || found.includes(undefined)) return [word];
	return [...flags.slice(0, -1), readValue(last, word.slice(equals + 1)) ? last : negated(last)];
}

function readValue(flag: string, word: string): boolean {
	try {
		return parseBoolean(flag, word, word);
	} catch {
		throw badFlag(flag, word, { problem: 'is neither true nor false', example: `${flag}=false` });
	}
}

/** Whether the option has a value that is the next word. */
function takesNext(word: string, options: readonly Option[]): boolean {
	if (word.startsWith('--')) return options.some(option => option.required && isCalled(option, word));
	const letters = [...word.slice(1)];
	const valued = letters.findIndex(letter =>
		options.some(option => !option.isBoolean() && isCalled(option, `-${letter}`)),
	);
	return valued >= 0 && valued === letters.length - 1;
}
