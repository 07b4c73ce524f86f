import type { Command } from 'commander';
import { dataRoot } from '../store/data-root.ts';
import { stateRoot } from '../state/state-directory.ts';

export interface Roots {
	/** Images, layers, container file systems. */
	readonly data: string;
	/** State of running and ended containers. */
	readonly state: string;
}

/** From the global flags, the environment, or the defaults. */
export function rootsOf(command: Command): Roots {
	const { root, dataRoot: data } = command.optsWithGlobals<{ root?: string; dataRoot?: string }>();
	const uid = process.geteuid?.() ?? 0;
	return { data: data ?? dataRoot(process.env, uid), state: root ?? stateRoot(process.env, uid) };
}
