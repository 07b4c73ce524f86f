import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { decodeProgress, type Progress } from '../../../../src/native/progress.ts';
import { type Sandbox, TSRUN } from '../../support/run-tsrun.ts';
import { SLOWNESS } from '../../support/slowness.ts';

export interface StartedContainer {
	readonly child: ChildProcess;
	/** Pids on the host. */
	readonly supervisor: number;
	readonly init: number;
	readonly stateDir: string;
	/** Ends it with a signal that nothing survives, and waits. */
	readonly stop: () => Promise<void>;
	/** Waits for its own end: exit code and signal. */
	readonly ended: Promise<readonly [code: number | null, signal: string | null]>;
}

export interface StartOptions {
	readonly wrapper?: readonly string[];
	readonly stdio?: StdioOptions;
	readonly env?: Readonly<Record<string, string>>;
}

/** Starts `dist/tsrun` in a sandbox that runs no other container, and waits until its program has begun. */
export async function startTsrun(
	sandbox: Sandbox,
	args: readonly string[],
	{ wrapper = [], stdio = 'ignore', env = {} }: StartOptions = {},
): Promise<StartedContainer> {
	const [command = TSRUN, ...words] = [...wrapper, TSRUN, ...args];
	const child = spawn(command, words, { stdio, env: { ...process.env, ...sandbox.env, ...env } });
	const ended = once(child, 'exit') as Promise<[number | null, string | null]>;
	const { progress, stateDir } = await waitForStart(sandbox, child);
	return {
		child,
		stateDir,
		supervisor: progress.supervisor,
		init: progress.init,
		ended,
		stop: async () => {
			process.kill(progress.init, 'SIGKILL');
			await ended;
		},
	};
}

async function waitForStart(
	sandbox: Sandbox,
	child: ChildProcess,
): Promise<{ readonly progress: Progress; readonly stateDir: string }> {
	const deadline = Date.now() + 20_000 * SLOWNESS;
	while (Date.now() < deadline && child.exitCode === null) {
		for (const id of idsOf(sandbox)) {
			const stateDir = join(sandbox.state, id);
			const progress = readProgress(stateDir);
			if (progress?.started !== undefined) return { progress, stateDir };
		}
		await sleep(5);
	}
	throw new Error('the container did not start');
}

export function idsOf({ state }: Sandbox): readonly string[] {
	try {
		return readdirSync(state).filter(name => /^[0-9a-f]{64}$/.test(name));
	} catch {
		return [];
	}
}

function readProgress(stateDir: string): Progress | undefined {
	try {
		return decodeProgress(readFileSync(join(stateDir, 'progress')));
	} catch {
		return undefined;
	}
}
