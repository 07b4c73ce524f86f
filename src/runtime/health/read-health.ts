import { readFileSync } from 'node:fs';
import { errnoWords } from '../../core/errno.ts';
import type { HealthCheck } from '../../core/health-check.ts';
import { whereItIs } from '../../core/where-it-is.ts';
import { decodeProgress, type Progress } from '../../native/progress.ts';
import { type Health, judgeHealth, type ProbeResult } from '../../spec/judge-health.ts';
import { type ContainerRecord, containerStateDir, type StateDirectory } from '../../state/state-directory.ts';
import { healthDirectories, ringSize } from './health-files.ts';

const ENOENT = 2;

export interface ContainerHealth extends Health {
	readonly results: readonly (ProbeResult & { readonly problem?: string })[];
	/** Where the probes' output is. */
	readonly log: string;
}

/** What the probes of the newest run say; undefined where there are none. */
export function readHealth(
	directory: StateDirectory,
	{ state, progress }: ContainerRecord,
): ContainerHealth | undefined {
	const check = state.run?.health;
	if (check === undefined || progress.started === undefined) return undefined;
	for (const path of healthDirectories(containerStateDir(directory, state.id))) {
		const results = Array.from({ length: ringSize(check) }, (_, number) => readProbe(`${path}/probe.${number}`))
			.flatMap(probe => (probe === undefined ? [] : (resultOf(probe, check) ?? [])))
			.sort((a, b) => (a.began < b.began ? -1 : 1));
		if (results.length > 0) return { ...judgeHealth(results, check, progress.started), results, log: `${path}/log` };
	}
	return { status: 'starting', failingStreak: 0, results: [], log: '' };
}

const readProbe = (path: string): Progress | undefined => whereItIs(() => decodeProgress(readFileSync(path)));

/** What the probes have written of late, in CRI's format. The files may be rotated at this moment. */
export function readProbeOutput(log: string): Uint8Array {
	return Buffer.concat([`${log}.1`, log].flatMap(path => whereItIs(() => readFileSync(path)) ?? []));
}

/** Undefined where it has not ended yet, or was never begun. */
function resultOf(
	{ created: began, finished, exitCode, failed }: Progress,
	{ timeoutMs }: HealthCheck,
): ContainerHealth['results'][number] | undefined {
	if (began === undefined) return undefined;
	if (failed !== undefined) {
		const { errno } = failed;
		const problem = `the command cannot be run: ${errnoWords(errno)}`;
		return { began, ended: began, exitCode: errno === ENOENT ? 127 : 126, problem };
	}
	if (finished === undefined) return undefined;
	if (exitCode !== undefined) return { began, ended: finished, exitCode };
	return {
		began,
		ended: finished,
		exitCode: -1,
		problem: `Health check exceeded timeout (${timeoutMs / 1000}s)`,
	};
}
