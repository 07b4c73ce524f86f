import { resolve } from 'node:path';
import type { Command } from 'commander';
import { writeExampleSpec } from '../../runtime/oci/write-example-spec.ts';

/** `tsrun spec`: a config.json to begin with. */
export function declareCommand(command: Command): void {
	command
		.option('-b, --bundle <dir>', 'directory of the bundle (default: the current one)')
		.option('--rootless', 'for a user without root')
		.action(() => {
			const { bundle = '.', rootless = false } = command.opts<{ bundle?: string; rootless?: boolean }>();
			writeExampleSpec(resolve(bundle), { isRootless: rootless });
		});
}
