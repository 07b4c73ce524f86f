import type { Process, RuntimeSpec, SpecNamespaceType } from '../oci/runtime-spec.ts';
import { compileAttachment } from './attachment.ts';
import { compileCapabilities } from './capabilities.ts';
import { attachSteps } from './cgroup/compile-cgroup.ts';
import type { ContainerInput } from './container-input.ts';
import type { HostFacts } from './host-facts.ts';
import { hasMountNamespace } from './host-mounts.ts';
import { enterIntelRdt } from './intel-rdt.ts';
import { labelWrites } from './labels.ts';
import { compileLife, UNTRACEABLE } from './life.ts';
import { namespaceRootSteps } from './namespace-root.ts';
import { NAMESPACE_FLAGS } from './namespaces.ts';
import { procSteps } from './own-proc.ts';
import { compileProcess } from './process.ts';
import { compileExecAffinity } from './scheduling.ts';
import { connectAgent } from './seccomp-agent.ts';
import type { Plan, Step } from './step.ts';
import { compileStreams } from './streams.ts';

export interface ExecInput {
	/** The configuration of the container; its `process` is not used. */
	readonly spec: RuntimeSpec;
	readonly process: Process;
	readonly facts: HostFacts;
	/** Directory of the bundle, for a seccomp agent. */
	readonly bundle: string;
	/** The root file system of the container on the host: its root where it has no mount namespace. */
	readonly rootfs: string;
	readonly target: ExecTarget;
	readonly container: Pick<ContainerInput, 'id' | 'streams' | 'terminal' | 'life' | 'handOver' | 'newKeyring' | 'log'>;
	/** Directory that is removed at the end, or when the machine leaves. */
	readonly scratch: string;
}

/** The container that a process is added to. */
export interface ExecTarget {
	/** Of its init, on the host. */
	readonly pid: number;
	/** In clock ticks since boot. */
	readonly startTime: bigint;
	/** The namespaces in which it is and the caller is not. */
	readonly namespaces: readonly SpecNamespaceType[];
	/** Cgroup directories that the process enters: `unified`, and one for each v1 controller. */
	readonly cgroups: Readonly<Record<string, string>>;
}

const FOR_CHILDREN: readonly SpecNamespaceType[] = ['pid', 'time'];
const ALL_CAPABILITIES = 0xffff_ffff_ffff_ffffn;

/**
 * From its birth in the pid namespace of the container the process can be looked into by whoever may trace there: then its root
 * is the container's and no descriptor leads to the host (CVE-2016-9962, CVE-2024-21626).
 */
const BIRTH: readonly Step[] = [
	{
		op: 'closeRange',
		flags: 0,
		phase: 'security',
		why: 'no descriptor of the host is open when others can see the process',
	},
	{ op: 'forkInit', phase: 'namespaces', why: 'only a child can be in another pid or time namespace' },
];

/** A process in a container that exists: joined by a pidfd of its init, then as any other process of the container. */
export function compileExec({
	spec: config,
	process,
	facts,
	target,
	container: own,
	scratch,
	bundle,
	rootfs,
}: ExecInput): Plan {
	const spec: RuntimeSpec = { ...config, process };
	const container: ContainerInput = {
		...own,
		rootfs: { kind: 'directory', path: '/' },
		noPivot: false,
		reaper: false,
		remove: { trees: [scratch], links: [] },
	};
	const input = { spec, facts, container };
	const streams = compileStreams(input, { console: false });
	const life = compileLife(spec, container, streams.supervise);
	const isUser = target.namespaces.includes('user');
	const attachment = compileAttachment({
		flags: 0,
		cgroup: { paths: target.cgroups, attach: attachSteps(target.cgroups) },
		facts,
	});
	const capabilities = compileCapabilities(process, {
		lastCapability: facts.lastCapability,
		held: isUser ? ALL_CAPABILITIES : facts.capabilities,
	});
	const affinity = compileExecAffinity(process);
	const removal: Step = {
		op: 'removeTree',
		path: scratch,
		tolerate: [2],
		phase: 'teardown',
		why: 'what was noted of the process',
	};
	return {
		version: 1,
		cloneFlags: 0,
		setup: [
			...streams.setup,
			{
				op: 'openTarget',
				pid: target.pid,
				startTime: target.startTime,
				phase: 'namespaces',
				why: 'hold the first process of the container: its number may be used again',
			},
			...affinity.initial,
			{ ...attachment.clone, why: 'a process that becomes one of the container' },
			...attachment.setup,
			...oomScoreSteps(process),
			{ op: 'turn', phase: 'process', why: 'the process goes on by itself, until its program runs' },
			...life.end.flatMap((step): readonly Step[] => (step.op === 'leave' ? [removal, step] : [step])),
		],
		init: [
			UNTRACEABLE,
			...attachment.init,
			...enterIntelRdt(spec, facts, own.id),
			...connectAgent(spec),
			...affinity.final,
			...procSteps(labelWrites(process, facts), true),
			...joinSteps(target.namespaces),
			...(isUser ? namespaceRootSteps(spec) : []),
			...streams.standard.filter(isPipe),
			...(target.namespaces.some(type => FOR_CHILDREN.includes(type)) ? BIRTH : []),
			...life.born.filter(step => step !== UNTRACEABLE),
			...rootSteps(spec, rootfs),
			...streams.terminal,
			...compileProcess(input, {
				process,
				capabilities,
				standard: streams.standard.filter(step => !isPipe(step)),
				life,
				agent: { id: own.id, bundle, initPid: target.pid },
			}),
		],
		teardown: [removal],
	};
}

/** A pipe to the supervisor is in its place before all other descriptors of the host are closed. */
const isPipe = (step: Step): boolean => step.op === 'standardStream' && step.path === '';

/** The root of a mount namespace comes with it; a container of the host's has the one that it changed to. */
function rootSteps(spec: RuntimeSpec, rootfs: string): readonly Step[] {
	const notes = { phase: 'mounts', why: 'paths are those of the container from here on' } as const;
	if (hasMountNamespace(spec)) return [{ op: 'openRoot', path: '/', ...notes }];
	return [
		{ op: 'openRoot', path: rootfs, ...notes },
		{ op: 'chroot', ...notes },
	];
}

function joinSteps(types: readonly SpecNamespaceType[]): readonly Step[] {
	const flags = types.reduce((all, type) => all | NAMESPACE_FLAGS[type], 0);
	if (flags === 0) return [];
	return [
		{
			op: 'joinTarget',
			flags,
			phase: 'namespaces',
			why: 'enter the namespaces of the container; pid and time for the next child',
		},
	];
}

function oomScoreSteps({ oomScoreAdj }: Process): readonly Step[] {
	if (oomScoreAdj === undefined) return [];
	return [
		{
			op: 'writeInit',
			file: 'oom_score_adj',
			data: String(oomScoreAdj),
			phase: 'process',
			why: 'how early the kernel ends it when memory runs out',
			from: '/process/oomScoreAdj',
		},
	];
}
