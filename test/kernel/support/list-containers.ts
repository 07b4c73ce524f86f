import { runTsrun, type Sandbox } from './run-tsrun.ts';

export interface Listed {
	readonly id: string;
	readonly name: string;
	/** docker's word: running, exited, … */
	readonly status: string;
	/** On the host; 0 where it does not run. */
	readonly pid: number;
	readonly exitCode?: number;
}

/** All containers of a sandbox, as `ps -a` tells, newest first. */
export async function listContainers(
	sandbox: Sandbox,
	options: { readonly wrapper?: readonly string[] } = {},
): Promise<readonly Listed[]> {
	const { stdout } = await runTsrun(sandbox, ['ps', '-a', '--no-trunc', '--format', 'json'], options);
	return stdout.split('\n').filter(Boolean).map(readRow);
}

function readRow(line: string): Listed {
	const { ID, Names, State, Pid, ExitCode } = JSON.parse(line) as Readonly<Record<string, string>>;
	return {
		id: ID ?? '',
		name: Names ?? '',
		status: State ?? '',
		pid: Number(Pid),
		...(ExitCode === '' ? {} : { exitCode: Number(ExitCode) }),
	};
}
