import {
	accessSync,
	appendFileSync,
	closeSync,
	constants,
	existsSync,
	readdirSync,
	readFileSync,
	readlinkSync,
	statSync,
} from 'node:fs';
import { type ContainerId, isContainerId, parseContainerId } from '../core/brands.ts';
import { TsrunError } from '../core/errors.ts';
import { join } from '../core/paths.ts';
import { decodeNotes } from '../native/encode.ts';
import { noteNeverStarted, noteRestoring } from '../native/progress.ts';
import type { Plan } from '../plan/step.ts';
import { containerStateDir, createContainerState, openStateDirectory } from '../state/state-directory.ts';
import { readKeptPlan, readStoredRun, type StoredRun } from './life/stored-run.ts';
import { claimAddresses } from './network/container-networks.ts';
import { STATE_LINK } from './stored-containers.ts';

/** In the state root: the stores whose containers are known there. It is gone with the rest when the machine starts. */
const KNOWN = '.stores';

/**
 * The state of containers is in memory, what they are made of is in the store. Where the state was lost, as at a start of the machine, it is
 * made again: a container that had been started is then one whose supervisor was killed, and the next command tears it down. Its name
 * and its addresses are its own again.
 */
export function recoverContainers(roots: { readonly data: string; readonly state: string }): void {
	const containers = join(roots.data, 'containers');
	const mark = markOf(containers);
	if (mark === undefined || isKnown(roots.state, mark)) return;
	const lost = readdirSync(containers).flatMap(name => lostContainer(containers, name, roots.state) ?? []);
	if (lost.length === 0 && !existsSync(roots.state)) return;
	// refuses one that somebody else made, with a link in the place of the file
	openStateDirectory(roots.state);
	for (const { id, stored } of lost) recover(roots.state, id, stored);
	appendFileSync(join(roots.state, KNOWN), mark, { mode: 0o600 });
}

/** Undefined where there is no store, or one of somebody else who lets nobody look into it. */
function markOf(containers: string): string | undefined {
	try {
		accessSync(containers, constants.R_OK);
		const { dev, ino } = statSync(containers);
		return `${dev}:${ino}\n`;
	} catch {
		return undefined;
	}
}

function isKnown(stateRoot: string, mark: string): boolean {
	try {
		return readFileSync(join(stateRoot, KNOWN), 'latin1').includes(mark);
	} catch {
		return false;
	}
}

interface Lost {
	readonly id: ContainerId;
	readonly stored: StoredRun;
}

/** One with `--rm` is not kept, nor one that was only half made: `system prune` removes what is left of them. */
function lostContainer(containers: string, name: string, stateRoot: string): Lost | undefined {
	if (!isContainerId(name)) return undefined;
	const id = parseContainerId(name);
	const state = containerStateDir({ root: stateRoot }, id);
	const directory = join(containers, name);
	try {
		if (readlinkSync(join(directory, STATE_LINK)) !== state || existsSync(state)) return undefined;
	} catch {
		return undefined;
	}
	const stored = readStoredRun(directory);
	return stored === undefined || stored.state.autoRemove ? undefined : { id, stored };
}

function recover(root: string, id: ContainerId, { state, networks }: StoredRun): void {
	const plan = readKeptPlan(state.directory);
	try {
		const progressFd = createContainerState({ root }, { state, plan: plan ?? new Uint8Array(0) });
		try {
			if (plan === undefined) noteNeverStarted(progressFd, BigInt(Date.now()) * 1_000_000n);
			else noteRestoring(progressFd, countsOf(plan));
			for (const { request, addresses } of networks?.places ?? []) {
				claimAddresses(
					{ root },
					request.name,
					addresses.map(address => ({ address, id })),
				);
			}
		} finally {
			closeSync(progressFd);
		}
	} catch (error) {
		// another command does the same at this moment
		if (!(error instanceof TsrunError) || error.code !== 'TSRUN_ID_IN_USE') throw error;
	}
}

/** As if each step had begun, so that the teardown undoes whatever is there. */
function countsOf(plan: Uint8Array): { readonly setup: number; readonly init: number } {
	const { setup, init } = JSON.parse(decodeNotes(plan)) as Plan;
	return { setup: setup.length, init: init.length };
}
