import type { Command } from 'commander';
import { allNetworks, describeNetwork } from '../../runtime/network/describe-network.ts';
import { noSuchNetwork } from '../../runtime/network/network-files.ts';
import { openContainerRoots } from '../../runtime/open-container-roots.ts';
import { parseTemplate } from '../format/parse-template.ts';
import { unescapeFormat } from '../format/print-rows.ts';
import { runTemplate } from '../format/run-template.ts';
import { reportError } from '../report-error.ts';
import { rootsOf } from '../roots.ts';

/** `tsrun network inspect`: one JSON array; what is not there goes to stderr, and the exit code is 1. */
export function declareCommand(command: Command): void {
	command
		.argument('<network...>', 'name, id or the beginning of an id')
		.option('-f, --format <format>', 'json, or a template of Go')
		.action((names: readonly string[]) => {
			const { format } = command.opts<{ format?: string }>();
			const template = format === undefined || format === 'json' ? undefined : parseTemplate(unescapeFormat(format));
			const places = openContainerRoots(rootsOf(command));
			const networks = allNetworks(places);
			const found = names.flatMap(text => {
				const network = networks.find(({ name, id }) => name === text || id.startsWith(text));
				if (network !== undefined) return [describeNetwork(places.state, network)];
				reportError(noSuchNetwork(text));
				process.exitCode = 1;
				return [];
			});
			if (template !== undefined) process.stdout.write(found.map(each => `${runTemplate(template, each)}\n`).join(''));
			else process.stdout.write(`${JSON.stringify(found, undefined, format === 'json' ? undefined : 4)}\n`);
		});
}
