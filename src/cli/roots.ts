import type { Command } from 'commander';
import { stateRoot } from '../state/state-directory.ts';
import { decideStoreRoot } from '../store/store-root.ts';

export interface Roots {
	/** Images, layers, container file systems. */
	readonly data: string;
	/** State of running and ended containers. */
	readonly state: string;
}

/** From the global flags, the environment, or the defaults. */
export function rootsOf(command: Command): Roots {
	const { root, dataRoot: flag } = command.optsWithGlobals<{ root?: string; dataRoot?: string }>();
	const uid = process.geteuid?.() ?? 0;
	return { data: decideStoreRoot({ flag, env: process.env, uid }), state: root ?? stateRoot(process.env, uid) };
}
