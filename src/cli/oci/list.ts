import { type Command, Option } from 'commander';
import { type ContainerReport, listBundles } from '../../runtime/oci/list-bundles.ts';
import { rootsOf } from '../roots.ts';
import { table } from '../table.ts';

/** `tsrun list`: every container with its state, as runc lists them. */
export function declareCommand(command: Command): void {
	command
		.option('-q, --quiet', 'ids only')
		.addOption(new Option('-f, --format <format>', 'table or json').choices(['table', 'json']).default('table'))
		.action(() => {
			const { quiet = false, format } = command.opts<{ quiet?: boolean; format: 'table' | 'json' }>();
			process.stdout.write(textOf(listBundles(rootsOf(command).state), quiet ? 'ids' : format));
		});
}

function textOf(containers: readonly ContainerReport[], format: 'ids' | 'table' | 'json'): string {
	switch (format) {
		case 'ids':
			return containers.map(({ id }) => `${id}\n`).join('');
		case 'json':
			// runc writes null where there is none
			return `${containers.length === 0 ? 'null' : JSON.stringify(containers)}\n`;
		case 'table':
			return table(
				['ID', 'PID', 'STATUS', 'BUNDLE', 'CREATED', 'OWNER'],
				containers.map(each => [each.id, String(each.pid), each.status, each.bundle, each.created, each.owner]),
			);
	}
}
