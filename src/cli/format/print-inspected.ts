import { reportError } from '../report-error.ts';
import { parseTemplate } from './parse-template.ts';
import { unescapeFormat } from './print-rows.ts';
import { runTemplate } from './run-template.ts';

/**
 * docker's `inspect`: one JSON array of all that there are, or a line of a template each; what is not there goes to stderr, and the exit
 * code is 1.
 * @param format `json`, or a template of Go
 * @param open gives what looks at one name, and throws for one that there is not
 * @throws TsrunError TSRUN_BAD_FORMAT before anything is opened
 */
export function printInspected<T extends object>(
	names: readonly string[],
	format: string | undefined,
	open: () => (name: string) => T,
): void {
	const template = format === undefined || format === 'json' ? undefined : parseTemplate(unescapeFormat(format));
	const inspect = open();
	const found = names.flatMap(name => {
		try {
			return [inspect(name)];
		} catch (error) {
			reportError(error);
			process.exitCode = 1;
			return [];
		}
	});
	if (template !== undefined) process.stdout.write(found.map(each => `${runTemplate(template, each)}\n`).join(''));
	else process.stdout.write(`${JSON.stringify(found, undefined, format === 'json' ? undefined : 4)}\n`);
}
