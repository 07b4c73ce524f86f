import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import type { Config } from './bundle.ts';
import { PRIVATE_MOUNTS } from './private-mounts.ts';
import { type Sandbox, TSRUN } from './run-tsrun.ts';
import { SLOWNESS } from './slowness.ts';
import { parseWitness, type WitnessOutput } from './witness.ts';

export interface BundleResult {
	readonly exitCode: number;
	readonly stdout: string;
	readonly stderr: string;
	readonly witness: WitnessOutput;
}

export interface RunBundleRequest {
	readonly bundle: string;
	readonly config: Config;
	/** Shell commands that make mounts of the host, in a mount namespace of their own. */
	readonly host?: string;
	/** A command line of the same words: another runtime. */
	readonly runtime?: readonly string[];
	/** Options of `run`. */
	readonly options?: readonly string[];
	/** Shell commands after the container has ended, in the same mount namespace; their output comes last. */
	readonly after?: string;
}

let count = 0;

/** `tsrun run --bundle`, or another runtime's, where nothing that is mounted can reach the machine. */
export async function runBundleCommand(sandbox: Sandbox, request: RunBundleRequest): Promise<BundleResult> {
	const { bundle, config, host = ':', after = ':', runtime = [TSRUN, 'run'], options = [] } = request;
	writeFileSync(join(bundle, 'config.json'), JSON.stringify(config));
	const id = `tsrun-test-${process.pid}-${count++}`;
	const script = `set -e; ${host}\nset +e; "$@"; code=$?; ${after}\nexit $code`;
	const [command = '', ...words] = [...PRIVATE_MOUNTS, 'sh', '-c', script, 'sh', ...runtime];
	const result = await execa(command, [...words, '--bundle', bundle, ...options, id], {
		cwd: bundle,
		reject: false,
		stdin: 'ignore',
		timeout: 60_000 * SLOWNESS,
		env: { ...sandbox.env },
	});
	const { stdout, stderr, exitCode = -1 } = result;
	return {
		exitCode,
		stdout,
		stderr,
		get witness() {
			return parseWitness(stdout);
		},
	};
}

/** runc or crun for {@link RunBundleRequest.runtime}, with a state of its own. */
export const peer = (name: 'runc' | 'crun', sandbox: Sandbox): readonly string[] => [
	name,
	'--root',
	join(sandbox.dir, `${name}-state`),
	'run',
];

/** Options of each mount at a place, of the mount itself and then of its file system, from bottom to top. */
export function mountsAt(
	mounts: readonly string[],
	place: string,
): readonly { options: string[]; type: string; tags: string[]; superOptions: string[] }[] {
	return mounts.flatMap(line => {
		const [before = '', after = ''] = line.split(' - ');
		const words = before.split(' ');
		const [type = '', , superOptions = ''] = after.split(' ');
		if (words[4] !== place) return [];
		return [
			{ options: (words[5] ?? '').split(','), type, tags: words.slice(6), superOptions: superOptions.split(',') },
		];
	});
}
