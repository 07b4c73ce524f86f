import type { Command } from 'commander';
import { readResources, updateContainer } from '../../runtime/oci/update-container.ts';
import { parseUpdate, UPDATE_FLAGS, type UpdateFlag } from '../../spec/parse-update.ts';
import { given } from '../flag-reader.ts';
import { rootsOf } from '../roots.ts';

/** `tsrun update`: changes the limits of a container. With `--resources` all other limits are left out of account. */
export function declareCommand(command: Command): void {
	command
		.argument('<id>', 'id of the container')
		.option('-r, --resources <file>', 'JSON as linux.resources of config.json; - is the standard input');
	for (const [flag, description] of Object.entries(UPDATE_FLAGS)) command.option(`--${flag} <value>`, description);
	command
		.option('--l3-cache-schema <schema>', 'share of the L3 cache (Intel RDT)')
		.option('--mem-bw-schema <schema>', 'share of the memory bandwidth (Intel RDT)')
		.action(async (container: string) => {
			const flags = command.opts<Record<string, string | undefined>>();
			const resources = flags.resources || undefined;
			await updateContainer({
				stateRoot: rootsOf(command).state,
				container,
				change: resources === undefined ? parseUpdate(limitsOf(flags)) : readResources(resources),
				rdt: {
					...given('l3Cache', flags.l3CacheSchema || undefined),
					...given('memoryBandwidth', flags.memBwSchema || undefined),
				},
			});
		});
}

function limitsOf(flags: Readonly<Record<string, string | undefined>>): Partial<Record<UpdateFlag, string>> {
	const names = Object.keys(UPDATE_FLAGS) as UpdateFlag[];
	return Object.fromEntries(
		names.flatMap(name => {
			const value = flags[name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())];
			return value === undefined ? [] : [[name, value]];
		}),
	);
}
