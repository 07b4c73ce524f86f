import type { Command } from 'commander';
import { logOut, registryHost } from '../runtime/log-in.ts';

/** `tsrun logout`: forgets what `login` has kept. */
export function declareCommand(command: Command): void {
	command.argument('[registry]', 'host[:port]; docker.io unless told').action(async (server: string | undefined) => {
		const was = await logOut(server, { env: process.env });
		const host = registryHost(server);
		if (was) process.stdout.write(`Removing login credentials for ${host}\n`);
		else process.stderr.write(`Not logged in to ${host}\n`);
	});
}
