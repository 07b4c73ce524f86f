import type { Command } from 'commander';
import { statsOfContainer, watchContainer } from '../../runtime/oci/watch-container.ts';
import { parseDuration } from '../../spec/parse-duration.ts';
import { rootsOf } from '../roots.ts';

/** `tsrun events`: counters of a container and kills at its memory limit, one line of JSON each. */
export function declareCommand(command: Command): void {
	command
		.argument('<id>', 'id of the container')
		.option('--stats', 'the counters once')
		.option('--interval <duration>', 'time between two lines of counters', '5s')
		.action(async (container: string) => {
			const { stats = false, interval } = command.opts<{ stats?: boolean; interval: string }>();
			const stateRoot = rootsOf(command).state;
			const emit = (line: string): void => {
				process.stdout.write(line);
			};
			const milliseconds = parseDuration('--interval', interval);
			if (stats) emit(statsOfContainer(stateRoot, container));
			else await watchContainer({ stateRoot, container, interval: milliseconds, emit });
		});
}
