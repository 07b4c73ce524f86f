import { isTerminal } from '../native/syscalls.ts';
import { DEFAULT_RUN_OPTIONS, type RunOptions } from '../spec/run-options.ts';
import { stateRoot } from '../state/state-directory.ts';
import { decideStoreRoot } from '../store/store-root.ts';
import { openContainerRoots } from './open-container-roots.ts';
import { runBeside } from './run.ts';

export interface RunContainerRequest {
	/** As on the command line: `oci:DIR`, `oci-archive:FILE`, `docker-archive:FILE`, or a name in the store. */
	readonly image: string;
	/** Instead of the image's own command. */
	readonly command?: readonly string[];
	readonly options?: Partial<RunOptions>;
	/** Images and container file systems; as `--data-root`. */
	readonly dataRoot?: string;
	/** State of containers; as `--root`. */
	readonly stateRoot?: string;
	/** Descriptors for the container's standard streams; this process's own unless told. */
	readonly stdio?: readonly [stdin: number, stdout: number, stderr: number];
}

/**
 * Runs a container to its end under a supervisor of its own; this process goes on living.
 * @returns the exit code, 128 + n where signal n ended it
 * @throws TsrunError for anything that keeps it from running
 */
export async function runContainer(request: RunContainerRequest): Promise<number> {
	const { image, command = [], options, stdio = [0, 1, 2] } = request;
	const uid = process.geteuid?.() ?? 0;
	const roots = openContainerRoots({
		data: decideStoreRoot({ flag: request.dataRoot, env: process.env, uid }),
		state: request.stateRoot ?? stateRoot(process.env, uid),
	});
	const [stdin, stdout, stderr] = stdio;
	return runBeside(
		{
			reference: image,
			args: command,
			options: { ...DEFAULT_RUN_OPTIONS, ...options },
			...roots,
			terminals: [isTerminal(stdin), isTerminal(stdout), isTerminal(stderr)],
		},
		stdio,
	);
}
