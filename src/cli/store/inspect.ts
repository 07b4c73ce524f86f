import type { Command } from 'commander';
import { inspectImage } from '../../runtime/inspect-image.ts';
import { openStore } from '../../store/open-store.ts';
import { parseTemplate } from '../format/parse-template.ts';
import { unescapeFormat } from '../format/print-rows.ts';
import { runTemplate } from '../format/run-template.ts';
import { reportError } from '../report-error.ts';
import { rootsOf } from '../roots.ts';

/** `tsrun inspect`: one JSON array of all that there are; what is not there goes to stderr, and the exit code is 1. */
export function declareCommand(command: Command): void {
	command
		.argument('<image...>', 'name or id')
		.option('-f, --format <format>', 'json, or a template of Go')
		.action((images: readonly string[]) => {
			const { format } = command.opts<{ format?: string }>();
			const template = format === undefined || format === 'json' ? undefined : parseTemplate(unescapeFormat(format));
			const store = openStore(rootsOf(command).data);
			const found = images.flatMap(image => {
				try {
					return [inspectImage(store, image)];
				} catch (error) {
					reportError(error);
					process.exitCode = 1;
					return [];
				}
			});
			if (template !== undefined) process.stdout.write(found.map(each => `${runTemplate(template, each)}\n`).join(''));
			else process.stdout.write(`${JSON.stringify(found, undefined, format === 'json' ? undefined : 4)}\n`);
		});
}
