import type { Command } from 'commander';
import { listPorts } from '../../runtime/network/list-ports.ts';
import { rootsOf } from '../roots.ts';

/** `tsrun port`: `80/tcp -> 0.0.0.0:8080`, or with a port the address alone. */
export function declareCommand(command: Command): void {
	command
		.argument('<container>', 'name, id or the beginning of an id')
		.argument('[port]', 'PORT[/PROTOCOL] of the container')
		.action((container: string, port: string | undefined) => {
			const lines = listPorts(rootsOf(command), container, port).map(({ port: inside, protocol, address }) =>
				port === undefined ? `${inside}/${protocol} -> ${address}\n` : `${address}\n`,
			);
			process.stdout.write(lines.join(''));
		});
}
