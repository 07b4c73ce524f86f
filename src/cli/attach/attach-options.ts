import { type Command, Option } from 'commander';
import { DEFAULT_DETACH_KEYS, parseDetachKeys } from '../../spec/detach-keys.ts';

/** What `attach`, `start -a` and `run` have in common. */
export const detachKeysOption = (): Option =>
	new Option(
		'--detach-keys <keys>',
		`what to type to leave it running; empty: nothing (default: ${DEFAULT_DETACH_KEYS})`,
	);
export const sigProxyOption = (): Option => new Option('--sig-proxy', 'pass signals on (default: true)');

export interface AttachFlags {
	readonly keys: readonly number[];
	readonly passesSignals: boolean;
}

/** @throws TsrunError TSRUN_BAD_FLAG */
export function attachFlags(command: Command): AttachFlags {
	const { detachKeys = DEFAULT_DETACH_KEYS, sigProxy = true } = command.opts<{
		detachKeys?: string;
		sigProxy?: boolean;
	}>();
	return { keys: parseDetachKeys(detachKeys), passesSignals: sigProxy };
}
