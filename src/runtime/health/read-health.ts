import { readFileSync } from 'node:fs';
import { errnoWords } from '../../core/errno.ts';
import type { HealthCheck } from '../../core/health-check.ts';
import { decodeProgress, type Progress } from '../../native/progress.ts';
import { type Health, judgeHealth, type ProbeResult } from '../../spec/judge-health.ts';
import { type ContainerRecord, containerStateDir, type StateDirectory } from '../../state/state-directory.ts';
import { healthDirectories, RING } from './health-files.ts';

const ENOENT = 2;
/** How long after its time a probe is killed, at most. */
const GRACE = 1_000_000_000n;

export interface ContainerHealth extends Health {
	readonly results: readonly (ProbeResult & { readonly problem?: string })[];
	/** Where the probes' output is. */
	readonly log: string;
}

/** What the probes of the newest run say; undefined where there are none. */
export function readHealth(
	directory: StateDirectory,
	{ state, progress }: ContainerRecord,
	now: bigint,
): ContainerHealth | undefined {
	const check = state.run?.health;
	if (check === undefined || progress.started === undefined) return undefined;
	for (const path of healthDirectories(containerStateDir(directory, state.id))) {
		const results = Array.from({ length: RING }, (_, number) => readProbe(`${path}/probe.${number}`))
			.flatMap(probe => (probe === undefined ? [] : (resultOf(probe, check, now) ?? [])))
			.sort((a, b) => (a.began < b.began ? -1 : 1));
		if (results.length > 0) return { ...judgeHealth(results, check, progress.started), results, log: `${path}/log` };
	}
	return { status: 'starting', failingStreak: 0, results: [], log: '' };
}

const readProbe = (path: string): Progress | undefined => whereItIs(() => decodeProgress(readFileSync(path)));

function whereItIs<T>(read: () => T): T | undefined {
	try {
		return read();
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
		return undefined;
	}
}

/** What the probes have written of late, in CRI's format. The files may be rotated at this moment. */
export function readProbeOutput(log: string): Uint8Array {
	return Buffer.concat([`${log}.1`, log].flatMap(path => whereItIs(() => readFileSync(path)) ?? []));
}

/** Undefined where it has not ended yet, or was never begun. */
function resultOf(
	{ created: began, finished, exitCode, failed }: Progress,
	{ timeoutMs }: HealthCheck,
	now: bigint,
): ContainerHealth['results'][number] | undefined {
	if (began === undefined) return undefined;
	const timeout = BigInt(timeoutMs) * 1_000_000n;
	if (failed !== undefined) {
		const { errno } = failed;
		const problem = `the command cannot be run: ${errnoWords(errno)}`;
		return { began, ended: began, exitCode: errno === ENOENT ? 127 : 126, problem };
	}
	if (exitCode !== undefined && finished !== undefined) return { began, ended: finished, exitCode };
	if (now < began + timeout + GRACE) return undefined;
	return {
		began,
		ended: began + timeout,
		exitCode: -1,
		problem: `Health check exceeded timeout (${timeoutMs / 1000}s)`,
	};
}
