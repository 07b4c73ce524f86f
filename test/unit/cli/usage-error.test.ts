import { CommanderError } from 'commander';
import { describe, expect, it } from 'vitest';
import { usageError } from '../../../src/cli/usage-error.ts';

const worded = (message: string, command?: string) => {
	const { code, message: words, hint, exitCode } = usageError(new CommanderError(1, 'commander.x', message), command);
	expect([code, exitCode]).toEqual(['TSRUN_USAGE', 125]);
	return [words, hint];
};

describe('words that no command takes', () => {
	it.each([
		["error: unknown option '--x'", ["run: unknown option '--x'", 'see tsrun run --help']],
		[
			"error: unknown option '--memori'\n(Did you mean --memory?)",
			["run: unknown option '--memori'", 'did you mean --memory; see tsrun run --help'],
		],
		[
			"error: unknown option '--cp'\n(Did you mean one of --cpus, --cpuset?)",
			["run: unknown option '--cp'", 'did you mean --cpus, --cpuset; see tsrun run --help'],
		],
		[
			"error: option '--format <f>' argument 'xml' is invalid. Allowed choices are table, json.",
			["run: option '--format <f>' argument 'xml' is invalid", 'there are table, json; see tsrun run --help'],
		],
	])('%j', (message, expected) => {
		expect(worded(message, 'run')).toEqual(expected);
	});

	it('point at the list of commands where there is none', () => {
		expect(worded("error: unknown command 'frob'")).toEqual(["unknown command 'frob'", 'see tsrun --help']);
	});
});
