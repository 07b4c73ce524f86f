import type { HookName, Process, RuntimeSpec } from '../oci/runtime-spec.ts';
import { compileAttachment } from './attachment.ts';
import { compileCapabilities } from './capabilities.ts';
import { defaultCgroupsPath } from './cgroup/cgroup-path.ts';
import { type CgroupPlan, compileCgroup } from './cgroup/compile-cgroup.ts';
import { compileCgroupMount } from './cgroup/compile-cgroup-mount.ts';
import { onlyOwn } from './cgroup/only-own.ts';
import { enterScopeSteps } from './cgroup/scope-steps.ts';
import { type PlanInput, rootfsPath } from './container-input.ts';
import { compileDevices } from './device-nodes.ts';
import { enterRootSteps } from './enter-root.ts';
import { hiddenPathSteps } from './hidden-paths.ts';
import { hasHooks, hookSteps } from './hooks.ts';
import { hostRootSteps, hostUnmountSteps } from './host-mounts.ts';
import { compileIntelRdt, type IntelRdtPlan, onlyMade } from './intel-rdt.ts';
import { labelWrites } from './labels.ts';
import { compileLife, type LifePlan } from './life.ts';
import { EHOOK, ERRNO } from './linux-constants.ts';
import { mappedMountSteps } from './mapped-mounts.ts';
import { labelMounts } from './mount-label.ts';
import { compileMountSources, type MountSources } from './mount-sources.ts';
import { compileMount, compileReadonly } from './mounts.ts';
import { nameSteps } from './names.ts';
import { namespaceRootSteps } from './namespace-root.ts';
import { compileNamespaces, type NamespacePlan } from './namespaces.ts';
import { compileNetDevices, type NetDevicePlan } from './net-devices.ts';
import { setLinkUp } from './netlink/set-link-up.ts';
import { compileNetwork, type NetworkPlan, networkTeardown } from './network.ts';
import { procSteps } from './own-proc.ts';
import { placeMounts } from './place-mounts.ts';
import { compileProcess } from './process.ts';
import { requireNamespaces } from './require-namespaces.ts';
import { compileRootfs, privateMountsSteps, rootPropagationSteps, unmountSteps } from './rootfs.ts';
import { allCpusStep } from './scheduling.ts';
import { connectAgent } from './seccomp-agent.ts';
import type { Plan, Step, StepOf } from './step.ts';
import { compileStreams } from './streams.ts';
import { sysctlWrites } from './sysctl.ts';

const LOOPBACK_INDEX = 1;
/** In a user namespace of its own, init has every capability there is. */
const ALL_CAPABILITIES = 0xffff_ffff_ffff_ffffn;

/**
 * Compiles a container: runtime-spec `config.json` and facts about the host to one ordered list of system calls.
 * Pure: the same input gives the same plan, on any machine, without privileges.
 * @throws TsrunError for what the configuration asks and this host cannot give, naming the field
 */
export function compilePlan(given: PlanInput): Plan {
	const spec = placeMounts(given.spec, rootfsPath(given.container.rootfs));
	const input = { ...given, spec };
	const { facts } = given;
	requireNamespaces(spec, facts);
	const namespaces = compileNamespaces(spec, facts);
	const isMapped = namespaces.isNew('user');
	const { inScope = false } = input.container;
	const cgroup = compileCgroup({
		spec,
		facts,
		cgroupsPath: spec.linux?.cgroupsPath || defaultCgroupsPath(input.container.id),
		ofBundle: input.container.hooks !== undefined,
		inScope,
	});
	const attachment = compileAttachment({ flags: namespaces.cloneFlags, cgroup, facts });
	const rdt = compileIntelRdt(spec, facts, input.container.id);
	const devices = compileNetDevices(spec, facts);
	const network = compileNetwork(input.container.network);
	const streams = compileStreams(input);
	const rootfs = compileRootfs(input, isMapped);
	const life = compileLife(spec, input.container, streams.supervise);
	const sources = compileMountSources(spec, namespaces.isOther('user'), {
		rootfs: rootfsPath(input.container.rootfs),
		links: facts.links,
		subpaths: input.container.subpaths,
		capabilities: facts.capabilities,
	});
	const setup: readonly Step[] = [
		...streams.setup,
		...life.prepare,
		...cgroup.create,
		...rdt.setup,
		...hostRootSteps(spec, rootfsPath(input.container.rootfs)),
		...namespaces.join,
		...(rootfs.outside.length > 0 ? privateMountsSteps() : []),
		...namespaces.timeOffsets,
		attachment.clone,
		...namespaces.return,
		...attachment.setup,
		...(inScope ? enterScopeSteps(cgroup.paths, attachment.setup.length > 0) : []),
		...cgroup.settle,
		...namespaces.idMaps,
		...rootfs.outside,
		...oomScoreSteps(spec),
		...devices.setup,
		...network.setup,
		...sources.send,
		...mappedMountSteps(spec, facts),
		...hookTurn(input),
		{ op: 'turn', phase: 'process', why: 'init goes on by itself, until its program runs' },
		...(input.container.life.kind === 'created' ? [] : hooksOf(input, ['poststart'])),
		...life.end,
	];
	return {
		version: 1,
		cloneFlags: namespaces.cloneFlags,
		setup,
		init: initSteps(input, {
			namespaces,
			cgroup,
			life,
			attach: attachment.init,
			rdt,
			devices,
			network,
			sources,
			rootfs: rootfs.inside,
			terminal: streams.terminal,
			standard: streams.standard,
		}),
		teardown: [
			...onlyMade(rdt.teardown, setup),
			...onlyOwn(teardownSteps(input, { cgroup, isMapped, setup, network }), setup, inScope),
		],
	};
}

const HOST_HOOKS: readonly HookName[] = ['prestart', 'createRuntime'];

const HOOKS_TURN: Step = { op: 'turn', phase: 'process', why: 'hooks of the host run now', from: '/hooks' };

/** Host side: init makes its mounts, then the hooks run that come before its root is the root. */
function hookTurn(input: PlanInput): readonly Step[] {
	const hooks = hooksOf(input, HOST_HOOKS);
	if (hooks.length === 0) return [];
	return [{ op: 'turn', phase: 'process', why: 'init makes its mounts', from: '/hooks' }, ...hooks];
}

function hooksOf({ spec, container }: PlanInput, kinds: readonly HookName[]): readonly StepOf<'hook'>[] {
	return container.hooks === undefined ? [] : hookSteps(spec, container.hooks, kinds);
}

/** In the root file system, as with runc: such hooks name files of the container by relative paths. */
function createContainerHooks(input: PlanInput): readonly Step[] {
	const hooks = hooksOf(input, ['createContainer']);
	if (hooks.length === 0) return [];
	return [
		{ op: 'chdir', path: '', phase: 'process', why: 'hooks find the container’s files here', from: '/hooks' },
		...hooks,
	];
}

function oomScoreSteps(spec: RuntimeSpec): readonly Step[] {
	const score = spec.process?.oomScoreAdj;
	if (score === undefined) return [];
	return [
		{
			op: 'writeInit',
			file: 'oom_score_adj',
			data: String(score),
			phase: 'process',
			why: 'how early the kernel ends it when memory runs out',
			from: '/process/oomScoreAdj',
		},
	];
}

interface InitParts {
	readonly namespaces: NamespacePlan;
	readonly cgroup: CgroupPlan;
	readonly life: LifePlan;
	readonly attach: readonly Step[];
	readonly rdt: IntelRdtPlan;
	readonly devices: NetDevicePlan;
	readonly network: NetworkPlan;
	readonly sources: MountSources;
	readonly rootfs: readonly Step[];
	readonly terminal: readonly Step[];
	readonly standard: readonly Step[];
}

function initSteps(
	input: PlanInput,
	{ namespaces, cgroup, life, attach, rdt, devices, network, sources, rootfs, terminal, standard }: InitParts,
): readonly Step[] {
	const { spec, facts, container } = input;
	const isUser = namespaces.isOther('user');
	const path = rootfsPath(container.rootfs);
	const held = isUser ? ALL_CAPABILITIES : facts.capabilities;
	const capabilities =
		spec.process === undefined
			? undefined
			: compileCapabilities(spec.process, { lastCapability: facts.lastCapability, held });
	const agent = { id: container.id, bundle: container.hooks?.bundle ?? '' };
	const procWrites = [
		...network.writes,
		...sysctlWrites(spec),
		...(spec.process === undefined ? [] : labelWrites(spec.process, facts)),
	];
	const steps: readonly Step[] = [
		...life.born,
		...attach,
		...rdt.init,
		...connectAgent(spec),
		allCpusStep(),
		...namespaces.enter,
		...(namespaces.isReborn ? life.born : []),
		...devices.turn,
		...network.turn,
		...rootfs,
		...sources.open,
		...(isUser ? [...namespaceRootSteps(spec), ...life.reborn] : []),
		...(namespaces.isNew('network') ? [LOOPBACK_UP] : []),
		...devices.init,
		...network.init,
		...(spec.mounts ?? []).flatMap((mount, index) => {
			if (mount.type === 'cgroup' || mount.type === 'cgroup2') {
				return compileCgroupMount({ mount, index, facts, cgroup, cgroupns: namespaces.isNew('cgroup') });
			}
			return compileMount(mount, index, {
				facts,
				isUser: isUser || facts.inUserNamespace === true,
				rootfs: path,
				nameOf: sources.nameOf,
			});
		}),
		...compileDevices(spec, isUser, facts),
		...workingDirectorySteps(spec.process),
		...terminal,
		...(hasHooks(spec, HOST_HOOKS) && container.hooks !== undefined ? [HOOKS_TURN] : []),
		...createContainerHooks(input),
		...procSteps(procWrites, isUser && !namespaces.isNew('pid')),
		...hiddenPathSteps(spec),
		...compileReadonly(spec, facts),
		...enterRootSteps(input, isUser),
		...rootPropagationSteps(spec),
		...nameSteps(spec, namespaces),
		...(spec.process === undefined || capabilities === undefined
			? []
			: compileProcess(input, { process: spec.process, capabilities, standard, life, agent })),
	];
	return labelMounts(steps, spec, facts);
}

const LOOPBACK_UP: Step = {
	op: 'netlink',
	message: setLinkUp({ index: LOOPBACK_INDEX }),
	phase: 'network',
	why: 'bring up the loopback interface',
	from: '/linux/namespaces',
};

/** docker and runc make a missing working directory; so does this. */
function workingDirectorySteps(process: Process | undefined): readonly Step[] {
	if (process === undefined || process.cwd === '/') return [];
	return [
		{
			op: 'mkdirInRoot',
			path: process.cwd,
			mode: 0o755,
			tolerate: [ERRNO.EEXIST],
			phase: 'mounts',
			why: 'the working directory, where the image has none',
			from: '/process/cwd',
		},
	];
}

/** What is wrong with a hook after the end stops nothing (runtime.md, "Lifecycle"). */
const HOOK_TROUBLE: readonly number[] = [ERRNO.ENOENT, ERRNO.EACCES, ERRNO.ETIMEDOUT, EHOOK];

interface TeardownParts {
	readonly cgroup: CgroupPlan;
	readonly isMapped: boolean;
	readonly setup: readonly Step[];
	readonly network: NetworkPlan;
}

function teardownSteps(input: PlanInput, { cgroup, isMapped, setup, network }: TeardownParts): readonly Step[] {
	const { spec, container } = input;
	const { trees, links, volumeLinks = [], stateDir } = container.remove;
	const notes = { phase: 'teardown', tolerate: [ERRNO.ENOENT] } as const;
	return [
		...cgroup.kill,
		...cgroup.notices,
		...cgroup.remove,
		...networkTeardown(network, setup),
		...unmountSteps(container.rootfs, isMapped),
		...hostUnmountSteps(spec, rootfsPath(container.rootfs), setup),
		...hooksOf(input, ['poststop']).map(hook => ({ ...hook, tolerate: HOOK_TROUBLE })),
		...trees.map((path): Step => ({ op: 'removeTree', path, why: 'what the container wrote', ...notes })),
		...volumeLinks.map(
			(link): Step => ({
				op: 'unlinkLink',
				...link,
				why: 'its anonymous volume went with it',
				...notes,
				tolerate: [ERRNO.ENOENT, ERRNO.EINVAL],
			}),
		),
		...links.map(
			(path): Step => ({ op: 'unlinkLink', path, target: container.id, why: 'its name is free again', ...notes }),
		),
		...(stateDir === undefined
			? []
			: [{ op: 'removeTree', path: stateDir, why: 'its state, last of all', ...notes } satisfies Step]),
	];
}
