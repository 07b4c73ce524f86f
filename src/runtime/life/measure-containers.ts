import { totalmem } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StateDirectory } from '../../state/state-directory.ts';
import { type Usage, usageBetween } from '../../stats/usage.ts';
import { type Sampled, sampleContainers } from './sample-containers.ts';

export interface Measured {
	readonly id: string;
	readonly name: string;
	/** Absent where the container does not run. */
	readonly usage?: Usage;
}

/** Between two samples, of which the use of the CPU is the difference. */
const INTERVAL_MS = 1000;

/**
 * Once a second, without an end, what each container uses, newest first; one that has just begun, with no use of the CPU.
 * @param ids of these; without them, of all that there are then
 */
export async function* measureContainers(
	directory: StateDirectory,
	ids: readonly string[] | undefined,
): AsyncGenerator<readonly Measured[]> {
	let before = sampleContainers(directory, ids);
	for (;;) {
		await sleep(INTERVAL_MS);
		const now = sampleContainers(directory, ids);
		const known = new Map(before.map(each => [each.id, each]));
		yield now.map(each => measured(known.get(each.id), each));
		before = now;
	}
}

function measured(before: Sampled | undefined, { id, name, sample }: Sampled): Measured {
	if (sample === undefined) return { id, name };
	return { id, name, usage: usageBetween(before?.sample ?? sample, sample, totalmem()) };
}
