import { TsrunError } from '../core/errors.ts';
import type { RuntimeSpec, Seccomp } from '../oci/runtime-spec.ts';
import type { Step } from './step.ts';

const NOTIFY = 'SCMP_ACT_NOTIFY';
/** What the process calls to hand the agent its descriptor: nobody could answer these yet. */
const NEEDED = ['write', 'sendmsg'];

/** What an agent is told of the container (config-linux.md, "The Container Process State"). */
export interface AgentState {
	readonly id: string;
	readonly bundle: string;
	/** Of the container's init, for a process that enters it; the process is init itself otherwise. */
	readonly initPid?: number;
}

/** Whether calls are answered by an agent. */
export const hasAgent = (profile: Seccomp | undefined): boolean =>
	(profile?.syscalls ?? []).some(({ action }) => action === NOTIFY);

/**
 * Init, while the host's paths are there: the agent is connected to before the filter is in force.
 * @throws TsrunError TSRUN_BAD_SECCOMP
 */
export function connectAgent({ linux }: Pick<RuntimeSpec, 'linux'>): readonly Step[] {
	const profile = linux?.seccomp;
	if (profile === undefined || !hasAgent(profile)) return [];
	requireAnswers(profile);
	return [
		{
			op: 'connectAgent',
			socket: profile.listenerPath ?? '',
			phase: 'security',
			why: 'the seccomp agent that answers calls of the container',
			from: '/linux/seccomp/listenerPath',
		},
	];
}

function requireAnswers({ listenerPath, syscalls = [] }: Seccomp): void {
	if (listenerPath === undefined) {
		throw new TsrunError(
			'TSRUN_BAD_SECCOMP',
			`config.json /linux/seccomp: listenerPath is not set, and a rule has ${NOTIFY}`,
			{
				hint: 'name the socket of the seccomp agent',
			},
		);
	}
	for (const [index, { names, action }] of syscalls.entries()) {
		const name = names.find(each => NEEDED.includes(each));
		if (action !== NOTIFY || name === undefined) continue;
		throw new TsrunError(
			'TSRUN_BAD_SECCOMP',
			`config.json /linux/seccomp/syscalls/${index}: ${NOTIFY} cannot be used for the ${name} syscall`,
			{ hint: 'it is made before the agent can answer' },
		);
	}
}

/** The state as text, cut where the pid of the process goes, which no plan can know. */
export function agentStateParts(spec: RuntimeSpec, { id, bundle, initPid }: AgentState): readonly string[] {
	const { ociVersion, annotations, linux } = spec;
	const metadata = linux?.seccomp?.listenerMetadata;
	const before = JSON.stringify({ ociVersion, fds: ['seccompFd'] }).slice(0, -1);
	const status = initPid === undefined ? 'creating' : 'running';
	const state = JSON.stringify({ ociVersion, id, status }).slice(0, -1);
	const between = `${metadata === undefined ? '' : `,"metadata":${JSON.stringify(metadata)}`},"state":${state},"pid":`;
	const after = `,${JSON.stringify({ bundle, ...(annotations === undefined ? {} : { annotations }) }).slice(1)}}`;
	return initPid === undefined
		? [`${before},"pid":`, between, after]
		: [`${before},"pid":`, `${between}${initPid}${after}`];
}
