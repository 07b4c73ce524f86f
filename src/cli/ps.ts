import { type Command, Option } from 'commander';
import { type ContainerSummary, listContainers } from '../runtime/list-containers.ts';
import { ago } from './ago.ts';
import { rootsOf } from './roots.ts';
import { table } from './table.ts';

/** `tsrun ps`: running containers, or all with `-a`. */
export function declareCommand(command: Command): void {
	command
		.option('-a, --all', 'also those that have ended')
		.option('-q, --quiet', 'ids only')
		.option('--no-trunc', 'whole ids and commands')
		.addOption(new Option('--format <format>', 'table or json').choices(['table', 'json']).default('table'))
		.action(() => {
			const { all, quiet, trunc, format } = command.opts<{
				all?: boolean;
				quiet?: boolean;
				trunc: boolean;
				format: string;
			}>();
			const containers = listContainers(rootsOf(command)).filter(({ status }) => all === true || status === 'running');
			const idOf = ({ id }: ContainerSummary): string => (trunc ? id.slice(0, 12) : id);
			if (quiet === true) process.stdout.write(containers.map(each => `${idOf(each)}\n`).join(''));
			else if (format === 'json') process.stdout.write(containers.map(each => `${JSON.stringify(each)}\n`).join(''));
			else
				process.stdout.write(
					table(
						['CONTAINER ID', 'IMAGE', 'COMMAND', 'CREATED', 'STATUS', 'NAMES'],
						containers.map(each => row(each, idOf(each), trunc)),
					),
				);
		});
}

function row(
	{ image, command, created, status, exitCode, name }: ContainerSummary,
	id: string,
	trunc: boolean,
): readonly string[] {
	const words = command.join(' ');
	const shown = trunc && words.length > 20 ? `${words.slice(0, 19)}…` : words;
	return [
		id,
		image,
		JSON.stringify(shown),
		ago(created, Date.now()),
		status === 'exited' ? `exited (${exitCode ?? '?'})` : status,
		name,
	];
}
