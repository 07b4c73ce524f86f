import { badFlag } from './bad-flag.ts';
import type { Environment } from './parse-env.ts';

/**
 * Reads the text of a docker env file: one `NAME=value` a line, taken as it stands (no quotes, no expansion); blank lines and
 * lines that begin with `#` are skipped; a bare `NAME` takes the caller's value and is left out where the caller has none.
 * @throws TsrunError TSRUN_BAD_FLAG naming the file and the line
 */
export function parseEnvFile(path: string, text: string, environment: Environment): readonly string[] {
	if (text.includes('\0')) throw badFlag('--env-file', path, { problem: 'is not a text file' });
	return text
		.replace(/^\uFEFF/, '')
		.split(/\r?\n/)
		.flatMap((line, index) => parseLine(line.trimStart(), { path, number: index + 1, environment }));
}

interface Place {
	readonly path: string;
	readonly number: number;
	readonly environment: Environment;
}

function parseLine(line: string, { path, number, environment }: Place): readonly string[] {
	if (line === '' || line.startsWith('#')) return [];
	const equals = line.indexOf('=');
	const name = equals === -1 ? line : line.slice(0, equals);
	if (name === '') throw badFlag('--env-file', path, { problem: `has no name before = in line ${number}` });
	if (/\s/.test(name)) {
		throw badFlag('--env-file', path, { problem: `has a blank in the name ${JSON.stringify(name)} in line ${number}` });
	}
	if (equals !== -1) return [line];
	const value = Object.hasOwn(environment, name) ? environment[name] : undefined;
	return value === undefined ? [] : [`${name}=${value}`];
}
