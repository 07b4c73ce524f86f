import type { HealthCheck } from '../../core/health-check.ts';
import { encodePlan } from '../../native/encode.ts';
import type { RuntimeSpec } from '../../oci/runtime-spec.ts';
import type { ContainerInput } from '../../plan/container-input.ts';
import { compileExec } from '../../plan/exec.ts';
import { grantCapabilities } from '../../plan/grant-capabilities.ts';
import type { HostFacts } from '../../plan/host-facts.ts';
import type { Plan, Step } from '../../plan/step.ts';
import { execProcess } from '../../spec/exec-process.ts';
import { probeArgs } from '../../spec/health-check.ts';
import { probeFile, probeLog, ringSize } from './health-files.ts';

/** Of what the probes write so much is kept, and as much of what was before. */
const LOG_SIZE = 32_768;

export interface Probed {
	readonly check: HealthCheck | undefined;
	readonly spec: RuntimeSpec;
	readonly facts: HostFacts;
	readonly container: Pick<ContainerInput, 'id'>;
	/** Its directories in the cgroup hierarchies. */
	readonly cgroups: Readonly<Record<string, string>>;
	readonly stateDir: string;
}

/** The plan with the health check of its container: a plan of its own that joins the container, which the supervisor carries out on time. */
export function withProbe(plan: Plan, probed: Probed): Plan {
	const { check, stateDir } = probed;
	if (check === undefined) return plan;
	const probe: Step = {
		op: 'probe',
		plan: encodePlan(probePlan(probed, check)),
		path: probeFile(stateDir),
		intervalMs: check.intervalMs,
		timeoutMs: check.timeoutMs,
		files: ringSize(check),
		phase: 'supervise',
		why: `ask the container whether it is well: ${JSON.stringify(check.test)}`,
	};
	return {
		...plan,
		setup: plan.setup.flatMap((step): readonly Step[] => (step.op === 'supervise' ? [probe, step] : [step])),
	};
}

function probePlan({ spec, facts, container, cgroups, stateDir }: Probed, check: HealthCheck): Plan {
	if (spec.process === undefined) throw new Error('a container of tsrun run has a process');
	const flags = { tty: false, env: [], additionalGids: [], cap: [], noNewPrivs: false };
	const { process } = grantCapabilities(execProcess(spec.process, probeArgs(check), flags), spec, facts);
	const { setup, ...rest } = compileExec({
		spec,
		process,
		facts,
		bundle: '',
		rootfs: '/',
		target: {
			pid: 0,
			startTime: 0n,
			namespaces: (spec.linux?.namespaces ?? []).map(({ type }) => type),
			cgroups,
		},
		container: {
			id: container.id,
			streams: { stdin: 'null', stdout: 'pipe', stderr: 'pipe' },
			terminal: { raw: false, input: false },
			life: { kind: 'supervised' },
			log: { path: probeLog(stateDir), maxSize: LOG_SIZE, files: 2 },
			handOver: {},
			newKeyring: true,
		},
		scratch: '',
	});
	// the supervisor holds the container's first process already, and nothing is noted but in the ring
	return { ...rest, setup: setup.filter(({ op }) => op !== 'openTarget'), teardown: [] };
}
