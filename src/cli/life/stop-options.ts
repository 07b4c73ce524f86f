import type { Command } from 'commander';
import type { StopRequest } from '../../runtime/life/stop-containers.ts';
import { badFlag } from '../../spec/bad-flag.ts';
import { parseInteger } from '../../spec/parse-integer.ts';
import { parseSignal } from '../../spec/parse-signal.ts';

/** The containers and flags of `stop` and `restart`. */
export function addStopOptions(command: Command, containers = '<container...>'): Command {
	return command
		.argument(containers, 'name, id or the beginning of an id')
		.option('-s, --signal <signal>', 'instead of the container’s own')
		.option('-t, --time <seconds>', 'until it is killed; -1 waits for ever');
}

/** @throws TsrunError TSRUN_BAD_FLAG */
export function stopRequest(command: Command): StopRequest {
	const { signal, time } = command.opts<{ signal?: string; time?: string }>();
	return { ...signalOf('--signal', signal), ...secondsOf('--time', time) };
}

function signalOf(flag: string, text: string | undefined): { readonly signal?: number } {
	if (text === undefined) return {};
	const signal = parseSignal(text);
	if (signal === undefined) throw badFlag(flag, text, { problem: 'is not a signal', example: `${flag} SIGINT` });
	return { signal };
}

function secondsOf(flag: string, text: string | undefined): { readonly seconds?: number } {
	return text === undefined ? {} : { seconds: parseInteger(flag, text, { min: -1, max: 0x7fff_ffff, example: '10' }) };
}
