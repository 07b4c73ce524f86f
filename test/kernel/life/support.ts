import { setTimeout as sleep } from 'node:timers/promises';
import { runTsrun, type Sandbox, type TsrunOptions } from '../support/run-tsrun.ts';
import { SLOWNESS } from '../support/slowness.ts';

/** The command line in a sandbox, for containers that go on without it. */
export function commandsOf(sandbox: Sandbox) {
	const tsrun = (words: readonly string[], options?: TsrunOptions) => runTsrun(sandbox, words, options);
	return {
		tsrun,
		/** What a command prints on stdout; it must not fail. */
		async output(...words: readonly string[]): Promise<string> {
			const { exitCode, stdout, stderr } = await tsrun(words);
			if (exitCode !== 0) throw new Error(`tsrun ${words.join(' ')} ended with ${exitCode}: ${stderr}`);
			return stdout.trimEnd();
		},
		/** The status of a container as `ps -a` has it; undefined where there is none. */
		async statusOf(name: string): Promise<{ status: string; exitCode?: number; pid?: number } | undefined> {
			const { stdout } = await tsrun(['ps', '-a', '--format', 'json']);
			const rows = stdout.split('\n').filter(line => line !== '');
			return rows.map(line => JSON.parse(line)).find(row => row.name === name);
		},
	};
}

/** Waits until something is so, at most ten seconds of a common machine. */
export async function until(what: string, isSo: () => Promise<boolean> | boolean): Promise<void> {
	const deadline = Date.now() + 10_000 * SLOWNESS;
	while (!(await isSo())) {
		if (Date.now() > deadline) throw new Error(`it did not come to this: ${what}`);
		await sleep(20);
	}
}
