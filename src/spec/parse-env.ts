import { badFlag } from './bad-flag.ts';

/** The environment of the caller, from which a bare name takes its value. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads docker's `-e`: `NAME=value` stays, a bare `NAME` takes the caller's value, and where the caller has none stays bare, which
 * takes the variable away from the image's.
 * @throws TsrunError TSRUN_BAD_FLAG when the name is empty
 */
export function parseEnv(text: string, environment: Environment): string {
	const equals = text.indexOf('=');
	if (equals === 0 || text === '')
		throw badFlag('--env', text, { problem: 'has no name', example: '--env NAME=value' });
	if (equals !== -1) return text;
	const value = Object.hasOwn(environment, text) ? environment[text] : undefined;
	return value === undefined ? text : `${text}=${value}`;
}
