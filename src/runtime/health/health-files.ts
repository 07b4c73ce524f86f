import {
	closeSync,
	existsSync,
	mkdirSync,
	openSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	statSync,
	writeFileSync,
	writeSync,
} from 'node:fs';
import type { HealthCheck } from '../../core/health-check.ts';
import { join } from '../../core/paths.ts';
import { whereItIs } from '../../core/where-it-is.ts';
import { decodeProgress, emptyProgress } from '../../native/progress.ts';

const USUAL = 32;
const MOST = 1024;
/** How many probes are remembered: as many as decide, and all of the start period, while the next one is on its way. */
export const ringSize = ({ retries, startPeriodMs, intervalMs }: HealthCheck): number =>
	Math.max(USUAL, Math.min(MOST, Math.max(retries, Math.ceil(startPeriodMs / intervalMs)) + 2));
const DIRECTORY = 'health';
/** Its name while the container is paused: no probe begins then, since there is no file for it. */
const SET_ASIDE = 'health.paused';

/** Directories of a container's state that hold what came of its probes: one of them is there. */
export const healthDirectories = (stateDir: string): readonly string[] =>
	[DIRECTORY, SET_ASIDE].map(name => join(stateDir, name));

/** The machine adds `.` and a number. */
export const probeFile = (stateDir: string): string => join(stateDir, DIRECTORY, 'probe');

/** CRI's format: what the probes write. */
export const probeLog = (stateDir: string): string => join(stateDir, DIRECTORY, 'log');

/** A run begins, of which no probe is known. */
export function makeHealthFiles(stateDir: string, check: HealthCheck): void {
	for (const path of healthDirectories(stateDir)) rmSync(path, { recursive: true, force: true });
	mkdirSync(join(stateDir, DIRECTORY), { mode: 0o700 });
	for (let number = 0; number < ringSize(check); number++)
		writeFileSync(`${probeFile(stateDir)}.${number}`, emptyProgress(), { mode: 0o600 });
}

export const setHealthAside = (stateDir: string): void => move(stateDir, DIRECTORY, SET_ASIDE);

/** What stood still in the middle of a probe has not failed: it counts for nothing. */
export function bringHealthBack(stateDir: string): void {
	const aside = join(stateDir, SET_ASIDE);
	if (!existsSync(aside)) return;
	// a change of name is a change of the directory
	const pausedAt = statSync(aside, { bigint: true }).ctimeNs;
	for (const name of readdirSync(aside).filter(each => each.startsWith('probe.')))
		forgetIfStoodStill(join(aside, name), pausedAt);
	move(stateDir, SET_ASIDE, DIRECTORY);
}

/** In place: the machine may have it mapped. */
function forgetIfStoodStill(path: string, pausedAt: bigint): void {
	const fd = openSync(path, 'r+');
	try {
		const { created, failed, finished } = decodeProgress(readFileSync(fd)) ?? {};
		if (created === undefined || failed !== undefined || (finished !== undefined && finished <= pausedAt)) return;
		const bytes = emptyProgress();
		writeSync(fd, bytes, 0, bytes.length, 0);
	} finally {
		closeSync(fd);
	}
}

function move(stateDir: string, from: string, to: string): void {
	whereItIs(() => renameSync(join(stateDir, from), join(stateDir, to)));
}
