import type { Process, RuntimeSpec, Seccomp } from '../oci/runtime-spec.ts';
import type { CapabilityMasks } from './capabilities.ts';
import type { PlanInput } from './container-input.ts';
import { execPaths } from './exec-paths.ts';
import { hookSteps } from './hooks.ts';
import { compileIdentity, compileRlimits } from './identity.ts';
import type { LifePlan } from './life.ts';
import { CLOSE_RANGE_HELD, PR } from './linux-constants.ts';
import { compileMemoryPolicy } from './memory-policy.ts';
import { compilePersonality } from './personality.ts';
import { compileScheduling } from './scheduling.ts';
import { seccompFilter } from './seccomp/seccomp-filter.ts';
import { type AgentState, agentStateParts, hasAgent } from './seccomp-agent.ts';
import type { Step } from './step.ts';

interface ProcessParts {
	readonly process: Process;
	readonly capabilities: CapabilityMasks;
	readonly standard: readonly Step[];
	readonly life: Pick<LifePlan, 'reborn' | 'wait'>;
	/** What a seccomp agent is told. */
	readonly agent: AgentState;
}

/** The last steps of init: they change only the process itself, and end with its program. */
export function compileProcess(
	input: PlanInput,
	{ process, capabilities, standard, life, agent }: ProcessParts,
): readonly Step[] {
	const { spec, facts, container } = input;
	const seccomp =
		spec.linux?.seccomp === undefined ? [] : [seccompStep(spec, spec.linux.seccomp, { arch: facts.arch, agent })];
	const late = process.noNewPrivileges === true;
	const steps: Step[] = [
		{ op: 'setsid', phase: 'process', why: 'a session of its own: no way to the caller’s terminal (CVE-2017-5226)' },
		...standard,
		...(container.newKeyring ? [sessionKeyring(container.id)] : []),
		...compileRlimits(process.rlimits ?? []),
		...compileScheduling(process),
		...compileMemoryPolicy(spec),
		...compilePersonality(spec),
		{
			op: 'closeRange',
			flags: (container.network?.ports.length ?? 0) > 0 ? CLOSE_RANGE_HELD : 0,
			phase: 'security',
			why: 'no descriptor of the host stays open (CVE-2024-21626)',
		},
		{ op: 'chdir', path: process.cwd, phase: 'process', why: 'the working directory', from: '/process/cwd' },
		...(late ? [] : seccomp),
		...compileIdentity(process, capabilities),
		{
			op: 'umask',
			mask: process.user.umask ?? 0o022,
			phase: 'identity',
			why: 'the file mode mask',
			...(process.user.umask === undefined ? {} : { from: '/process/user/umask' }),
		},
		...life.reborn,
	];
	const argv = process.args ?? [];
	const paths = execPaths(argv[0] ?? '', process.env ?? []);
	if (life.wait.length > 0) {
		steps.push(
			{
				op: 'findProgram',
				paths,
				phase: 'process',
				why: 'a program that is not there is told now, not at the start',
				from: '/process/args',
			},
			...life.wait,
		);
	}
	if (late) {
		steps.push(
			{
				op: 'prctl',
				option: PR.SET_NO_NEW_PRIVS,
				arg2: 1,
				arg3: 0,
				phase: 'security',
				why: 'no setuid program or file capability adds a privilege',
				from: '/process/noNewPrivileges',
			},
			...seccomp,
		);
	}
	if (container.reaper)
		steps.push({ op: 'reap', phase: 'process', why: 'pid 1 reaps orphans; the program runs as its child' });
	if (container.hooks !== undefined) steps.push(...hookSteps(spec, container.hooks, ['startContainer']));
	steps.push({
		op: 'exec',
		paths,
		argv,
		env: process.env ?? [],
		phase: 'exec',
		why: 'become the program',
		from: '/process/args',
	});
	return steps;
}

function sessionKeyring(id: string): Step {
	return {
		op: 'sessionKeyring',
		name: `tsrun-${id.slice(0, 12)}`,
		tolerate: [38],
		phase: 'security',
		why: 'keys of the caller stay outside',
	};
}

function seccompStep(
	spec: RuntimeSpec,
	profile: Seccomp,
	{ arch, agent }: { readonly arch: 'x64' | 'arm64'; readonly agent: AgentState },
): Step {
	const { filter, flags } = seccompFilter(profile, { arch, pointer: '/linux/seccomp' });
	const phase = 'security';
	const from = '/linux/seccomp';
	if (hasAgent(profile)) {
		const state = agentStateParts(spec, agent);
		return { op: 'seccompNotify', filter, flags, state, phase, from, why: 'the agent answers calls of the profile' };
	}
	return { op: 'seccomp', filter, flags, phase, from, why: 'the kernel refuses every call outside the profile' };
}
