import { mkdtempSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { SLOWNESS } from './slowness.ts';
import { parseWitness, type WitnessOutput } from './witness.ts';

/** The built command line: kernel tests test what users run. `TSRUN_TEST_ENGINE` is `node` or `bun`, where one of its two is meant. */
export const TSRUN = resolve(
	import.meta.dirname,
	'../../../dist',
	['tsrun', process.env.TSRUN_TEST_ENGINE ?? ''].filter(part => part !== '').join('-'),
);

/** A place of its own for one test file: no image, container or lock is shared with the machine's tsrun. */
export interface Sandbox {
	readonly dir: string;
	/** `TSRUN_ROOT`: images and layers. */
	readonly root: string;
	/** `TSRUN_STATE`: running containers. */
	readonly state: string;
	readonly env: Readonly<Record<string, string>>;
	readonly remove: () => void;
}

export function createSandbox(): Sandbox {
	const dir = mkdtempSync(join(tmpdir(), 'tsrun-test-'));
	const root = join(dir, 'root');
	const state = join(dir, 'state');
	return {
		dir,
		root,
		state,
		env: { TSRUN_ROOT: root, TSRUN_STATE: state, TSRUN_NETWORK: 'none' },
		remove: () => rmSync(dir, { recursive: true, force: true }),
	};
}

export interface TsrunOptions {
	readonly input?: string;
	readonly cwd?: string;
	readonly env?: Readonly<Record<string, string>>;
	/** Milliseconds on a common machine; 30 s unless told. After it the command is killed and the test fails. */
	readonly timeoutMs?: number;
	/** Words before `dist/tsrun`, such as `['unshare', '-m']`. */
	readonly wrapper?: readonly string[];
}

export interface TsrunResult {
	/** As a shell counts: 128 + n where tsrun itself was ended by signal n. */
	readonly exitCode: number;
	readonly stdout: string;
	readonly stderr: string;
	/** stdout, read as the witness's documents. */
	readonly witness: WitnessOutput;
}

/** Runs `dist/tsrun` in a sandbox and waits for its end. It never throws for a failing exit code. */
export async function runTsrun(
	sandbox: Sandbox,
	args: readonly string[],
	options: TsrunOptions = {},
): Promise<TsrunResult> {
	const [command = TSRUN, ...words] = [...(options.wrapper ?? []), TSRUN, ...args];
	const timeout = (options.timeoutMs ?? 30_000) * SLOWNESS;
	const result = await execa(command, words, {
		reject: false,
		timeout,
		killSignal: 'SIGKILL',
		stripFinalNewline: false,
		...(options.input === undefined ? { stdin: 'ignore' as const } : { input: options.input }),
		...(options.cwd === undefined ? {} : { cwd: options.cwd }),
		env: { ...sandbox.env, ...options.env },
	});
	if (result.timedOut) {
		throw new Error(`tsrun ${args.join(' ')} did not end in ${timeout} ms\n${result.stdout}${result.stderr}`);
	}
	const { exitCode, signalDescription } = result;
	if (exitCode === undefined && result.signal === undefined) throw new Error(`tsrun did not start: ${result.message}`);
	return {
		exitCode: exitCode ?? 128 + signalNumber(result.signal),
		stdout: result.stdout,
		stderr: signalDescription === undefined ? result.stderr : `${result.stderr}[${signalDescription}]`,
		get witness() {
			return parseWitness(result.stdout);
		},
	};
}

function signalNumber(name: string | undefined): number {
	return constants.signals[name as keyof typeof constants.signals] ?? 0;
}
