import { TsrunError } from '../../core/errors.ts';
import { CAPABILITIES } from '../../oci/capabilities.ts';
import type { Process } from '../../oci/runtime-spec.ts';
import type { ContainerInput, StreamInput } from '../../plan/container-input.ts';
import { readFileInLayers } from '../../rootfs/lookup.ts';
import { type ExecFlags, execProcess } from '../../spec/exec-process.ts';
import { resolveUser } from '../../spec/resolve-user.ts';
import type { ContainerState } from '../../state/container-state.ts';
import { standardTerminals } from '../open-container-roots.ts';

const MAX_ACCOUNT_FILE = 1 << 20;

export interface DockerExec {
	readonly args: readonly string[];
	readonly flags: ExecFlags;
}

/**
 * The process of docker's `exec`: the user may be a name of the container's own passwd, whose groups and home come with it.
 * @param root directory that is the container's root; its links lead nowhere else
 * @throws TsrunError TSRUN_UNKNOWN_USER
 */
export function dockerProcess(base: Process, root: string, { args, flags }: DockerExec): Process {
	const { user, privileged = false, ...rest } = flags;
	const cap = privileged ? [...CAPABILITIES] : flags.cap;
	if (user === undefined) return execProcess(base, args, { ...rest, cap });
	const account = (path: string): string | undefined =>
		readFileInLayers([root], path, MAX_ACCOUNT_FILE)?.toString('utf8');
	const { uid, gid, additionalGids, home } = resolveUser({
		user,
		groupAdd: [],
		passwd: account('/etc/passwd'),
		group: account('/etc/group'),
	});
	const env = [...(base.env ?? []).filter(entry => !entry.startsWith('HOME=')), `HOME=${home}`];
	const { umask } = base.user;
	const own = { ...base, env, user: { uid, gid, additionalGids, ...(umask === undefined ? {} : { umask }) } };
	return execProcess(own, args, { ...rest, cap });
}

/** A terminal of the caller is never handed into the container (CVE-2017-5226). */
export function dockerContainer(
	{ id }: ContainerState,
	{ terminal = false }: Process,
	{ interactive, detach }: { readonly interactive: boolean; readonly detach: boolean },
): Pick<ContainerInput, 'id' | 'streams' | 'terminal' | 'life' | 'handOver' | 'newKeyring'> {
	const [stdin, stdout, stderr] = standardTerminals();
	if (terminal && interactive && !stdin && !detach) {
		throw new TsrunError('TSRUN_NOT_A_TERMINAL', 'standard input is not a terminal, and -it asks for one', {
			hint: 'leave out -t where input comes from a pipe or a file',
			exitCode: 1,
		});
	}
	const output = (isTerminal: boolean): StreamInput => (detach ? 'null' : isTerminal ? 'pipe' : 'inherit');
	return {
		id,
		streams: {
			stdin: !interactive || detach ? 'null' : stdin ? 'pipe' : 'inherit',
			stdout: output(stdout),
			stderr: output(stderr),
		},
		terminal: { raw: interactive && stdin && !detach, input: interactive && !detach },
		life: { kind: detach ? 'detached' : 'supervised' },
		handOver: {},
		newKeyring: true,
	};
}
