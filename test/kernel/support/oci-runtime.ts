import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from './bundle.ts';
import { type Sandbox, TSRUN } from './run-tsrun.ts';
import { SLOWNESS } from './slowness.ts';

export type RuntimeName = 'tsrun' | 'runc';

export interface OciResult {
	readonly exitCode: number;
	readonly stdout: string;
	readonly stderr: string;
}

export interface OciState {
	readonly ociVersion: string;
	readonly id: string;
	readonly pid: number;
	readonly status: string;
	readonly bundle: string;
	readonly annotations?: Readonly<Record<string, string>>;
}

export interface OciOptions {
	readonly cwd?: string;
	readonly input?: string;
	readonly env?: Readonly<Record<string, string>>;
	/** Words before the runtime. */
	readonly wrapper?: readonly string[];
}

/** An OCI runtime with a state directory in the sandbox: tsrun, or runc to compare with. */
export interface OciRuntime {
	readonly name: RuntimeName;
	readonly root: string;
	/** Never fails by itself. The streams are files: a container that goes on would keep a pipe open. */
	readonly run: (args: readonly string[], options?: OciOptions) => Promise<OciResult>;
	/** As `run`, and throws where the exit code is not 0. */
	readonly must: (args: readonly string[], options?: OciOptions) => Promise<OciResult>;
	readonly state: (id: string) => Promise<OciState>;
}

export function ociRuntime(name: RuntimeName, sandbox: Sandbox): OciRuntime {
	const root = name === 'tsrun' ? sandbox.state : join(sandbox.dir, 'runc');
	const program: string = name === 'tsrun' ? TSRUN : 'runc';
	const run = async (args: readonly string[], options: OciOptions = {}): Promise<OciResult> => {
		const folder = mkdtempSync(join(sandbox.dir, 'streams-'));
		const [out, err] = ['out', 'err'].map(file => openSync(join(folder, file), 'w')) as [number, number];
		const [command = program, ...words] = [...(options.wrapper ?? []), program, '--root', root, ...args];
		try {
			const child = spawn(command, words, {
				stdio: ['pipe', out, err],
				timeout: 30_000 * SLOWNESS,
				killSignal: 'SIGKILL',
				env: { ...process.env, ...sandbox.env, ...options.env },
				...(options.cwd === undefined ? {} : { cwd: options.cwd }),
			});
			child.stdin?.on('error', () => undefined).end(options.input ?? '');
			const [exitCode, signal] = (await once(child, 'exit')) as [number | null, string | null];
			if (exitCode === null) {
				throw new Error(`${name} ${args.join(' ')}: ${signal}: ${readFileSync(join(folder, 'err'), 'utf8')}`);
			}
			return {
				exitCode,
				stdout: readFileSync(join(folder, 'out'), 'utf8'),
				stderr: readFileSync(join(folder, 'err'), 'utf8'),
			};
		} finally {
			for (const fd of [out, err]) closeSync(fd);
			rmSync(folder, { recursive: true });
		}
	};
	const must: OciRuntime['must'] = async (args, options) => {
		const result = await run(args, options);
		if (result.exitCode !== 0) throw new Error(`${name} ${args.join(' ')}: ${result.exitCode}\n${result.stderr}`);
		return result;
	};
	return {
		name,
		root,
		run,
		must,
		state: async id => JSON.parse((await must(['state', id])).stdout) as OciState,
	};
}

export function writeConfig(bundle: string, config: Config): void {
	writeFileSync(join(bundle, 'config.json'), JSON.stringify(config));
}

/** Waits until `look` gives something, at most ten seconds of a common machine. */
export async function eventually<T>(look: () => T | undefined | Promise<T | undefined>): Promise<T> {
	const deadline = Date.now() + 10_000 * SLOWNESS;
	for (;;) {
		const found = await look();
		if (found !== undefined) return found;
		if (Date.now() > deadline) throw new Error('it did not come about in time');
		await new Promise(done => setTimeout(done, 20));
	}
}
