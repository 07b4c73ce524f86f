import {
	createSandbox,
	runTsrun,
	type Sandbox,
	type TsrunOptions,
	type TsrunResult,
} from '../kernel/support/run-tsrun.ts';

/** Words before a command that runs it as nobody. */
export const AS_NOBODY: readonly string[] = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups', '--'];

export interface Cli {
	readonly sandbox: Sandbox;
	readonly tsrun: (words: readonly string[], options?: TsrunOptions) => Promise<TsrunResult>;
	/** stdout of a command that must succeed and say nothing on stderr. */
	readonly output: (words: readonly string[], options?: TsrunOptions) => Promise<string>;
	/** stderr and exit code of a command that must print nothing on stdout. */
	readonly refusal: (
		words: readonly string[],
		options?: TsrunOptions,
	) => Promise<readonly [stderr: string, exitCode: number]>;
}

/** The command line in a sandbox of its own. */
export function createCli(): Cli {
	const sandbox = createSandbox();
	const tsrun: Cli['tsrun'] = (words, options) => runTsrun(sandbox, words, options);
	return {
		sandbox,
		tsrun,
		output: async (words, options) => {
			const { exitCode, stdout, stderr } = await tsrun(words, options);
			if (exitCode !== 0 || stderr !== '')
				throw new Error(`tsrun ${words.join(' ')} ended with ${exitCode}: ${stderr}`);
			return stdout;
		},
		refusal: async (words, options) => {
			const { exitCode, stdout, stderr } = await tsrun(words, options);
			if (stdout !== '') throw new Error(`tsrun ${words.join(' ')} printed ${stdout}`);
			return [stderr, exitCode];
		},
	};
}
