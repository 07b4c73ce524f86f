import type { Command } from 'commander';
import { recoverContainers } from '../runtime/recover-containers.ts';
import { stateRoot } from '../state/state-directory.ts';
import { decideStoreRoot } from '../store/store-root.ts';
import { isCalledRunc } from './oci/report-as-runc.ts';

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
	const roots = { data: decideStoreRoot({ flag, env: process.env, uid }), state: root ?? stateRoot(process.env, uid) };
	// the first command after a start of the machine, whichever it is, finds the containers of before
	if (!isCalledRunc()) recoverContainers(roots);
	return roots;
}
