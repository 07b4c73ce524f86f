import type { Process, RuntimeSpec } from '../oci/runtime-spec.ts';
import { compileAttachment } from './attachment.ts';
import { compileCapabilities } from './capabilities.ts';
import { type CgroupPlan, compileCgroup } from './cgroup/compile-cgroup.ts';
import { compileCgroupMount } from './cgroup/compile-cgroup-mount.ts';
import type { PlanInput } from './container-input.ts';
import { compileDevices } from './device-nodes.ts';
import { CLONE, ERRNO, PR, SIGKILL } from './linux-constants.ts';
import { compileMountSources } from './mount-sources.ts';
import { compileMount, compileReadonlyRoot } from './mounts.ts';
import { compileNamespaces, type NamespacePlan } from './namespaces.ts';
import { setLinkUp } from './netlink/set-link-up.ts';
import { compileProcess } from './process.ts';
import { compileRootfs, privateMountsSteps, rootPropagationSteps, unmountSteps } from './rootfs.ts';
import type { Plan, Step } from './step.ts';
import { compileStreams } from './streams.ts';
import { compileVolume, isInsideVolume, volumeOwnerSteps } from './volumes.ts';

const LOOPBACK_INDEX = 1;
/** In a user namespace of its own, init has every capability there is. */
const ALL_CAPABILITIES = 0xffff_ffff_ffff_ffffn;

/**
 * Compiles a container: runtime-spec `config.json` and facts about the host to one ordered list of system calls.
 * Pure: the same input gives the same plan, on any machine, without privileges.
 * @throws TsrunError for what the configuration asks and this host cannot give, naming the field
 */
export function compilePlan(input: PlanInput): Plan {
	const { spec, facts } = input;
	const namespaces = compileNamespaces(spec);
	const cgroup = compileCgroup({ spec, facts, cgroupsPath: spec.linux?.cgroupsPath ?? `/tsrun/${input.container.id}` });
	const attachment = compileAttachment({ flags: namespaces.cloneFlags, cgroup, facts });
	const streams = compileStreams(input);
	const rootfs = compileRootfs(input, namespaces.isUser);
	return {
		version: 1,
		cloneFlags: namespaces.cloneFlags,
		setup: [
			...streams.setup,
			...cgroup.create,
			...namespaces.join,
			...(rootfs.outside.length > 0 ? privateMountsSteps() : []),
			...namespaces.timeOffsets,
			attachment.clone,
			...attachment.setup,
			...namespaces.idMaps,
			...rootfs.outside,
			...(namespaces.isUser ? volumeOwnerSteps(spec, input.container.volumes) : []),
			...oomScoreSteps(spec),
			{ op: 'turn', phase: 'process', why: 'init goes on by itself, until its program runs' },
			streams.supervise,
		],
		init: initSteps(input, {
			namespaces,
			cgroup,
			attach: attachment.init,
			rootfs: rootfs.inside,
			terminal: streams.terminal,
			standard: streams.standard,
		}),
		teardown: teardownSteps(input, cgroup, namespaces.isUser),
	};
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
	readonly attach: readonly Step[];
	readonly rootfs: readonly Step[];
	readonly terminal: readonly Step[];
	readonly standard: readonly Step[];
}

function initSteps(
	input: PlanInput,
	{ namespaces, cgroup, attach, rootfs, terminal, standard }: InitParts,
): readonly Step[] {
	const { spec, facts, container } = input;
	const { isUser } = namespaces;
	const sources = compileMountSources(spec, isUser);
	const held = isUser ? ALL_CAPABILITIES : facts.capabilities;
	const capabilities =
		spec.process === undefined
			? undefined
			: compileCapabilities(spec.process, { lastCapability: facts.lastCapability, held });
	return [
		...bornSteps(spec),
		...attach,
		...unshareSteps(namespaces),
		...rootfs,
		...sources.open,
		...(isUser ? namespaceRootSteps() : []),
		...(namespaces.isNew('network') ? [LOOPBACK_UP] : []),
		...(spec.mounts ?? []).flatMap((mount, index) => {
			if (mount.type === 'cgroup' || mount.type === 'cgroup2') {
				return compileCgroupMount({ mount, index, facts, cgroup, cgroupns: namespaces.isNew('cgroup') });
			}
			if (container.volumes.includes(mount.source ?? '')) {
				const isNested = isInsideVolume(mount, spec, container.volumes);
				return compileVolume(mount, index, { isUser, isNested, nameOf: sources.nameOf });
			}
			return compileMount(mount, index, { facts, nameOf: sources.nameOf });
		}),
		...compileDevices(spec, isUser, facts),
		...workingDirectorySteps(spec.process),
		...terminal,
		...sysctlSteps(spec, isUser && !namespaces.isNew('pid')),
		...maskSteps(spec),
		...compileReadonlyRoot(spec),
		{
			op: container.noPivot ? 'moveRoot' : 'pivotRoot',
			phase: 'mounts',
			why: 'from here on / is the container’s, and the host’s root is out of reach',
			from: '/root/path',
		},
		...rootPropagationSteps(spec),
		...nameSteps(spec, namespaces),
		...(spec.process === undefined || capabilities === undefined
			? []
			: compileProcess(input, { process: spec.process, capabilities, standard })),
	];
}

const LOOPBACK_UP: Step = {
	op: 'netlink',
	message: setLinkUp({ index: LOOPBACK_INDEX }),
	phase: 'network',
	why: 'bring up the loopback interface',
	from: '/linux/namespaces',
};

function deathSignal(why: string): Step {
	return { op: 'prctl', option: PR.SET_PDEATHSIG, arg2: SIGKILL, arg3: 0, phase: 'process', why };
}

function bornSteps(spec: RuntimeSpec): readonly Step[] {
	const ends = deathSignal('the container ends with its supervisor, however that ends');
	const joinsPid = (spec.linux?.namespaces ?? []).some(({ type, path }) => type === 'pid' && path !== undefined);
	if (!joinsPid) return [ends];
	return [
		ends,
		{
			op: 'prctl',
			option: PR.SET_DUMPABLE,
			arg2: 0,
			arg3: 0,
			phase: 'security',
			why: 'processes already in the pid namespace cannot trace init before it runs its program (CVE-2016-9962)',
		},
	];
}

function unshareSteps({ unshareFlags }: NamespacePlan): readonly Step[] {
	if (unshareFlags === 0) return [];
	return [
		{
			op: 'unshare',
			flags: unshareFlags,
			phase: 'namespaces',
			why:
				(unshareFlags & CLONE.NEWCGROUP) === 0
					? 'mounts belong to the user namespace'
					: 'what init is in now becomes the root of its cgroup namespace',
			from: '/linux/namespaces',
		},
	];
}

function namespaceRootSteps(): readonly Step[] {
	return [
		{
			op: 'setresgid',
			gid: 0,
			phase: 'namespaces',
			why: 'become group 0 of the user namespace',
			from: '/linux/gidMappings',
		},
		{
			op: 'setresuid',
			uid: 0,
			phase: 'namespaces',
			why: 'become root of the user namespace',
			from: '/linux/uidMappings',
		},
		deathSignal('a change of user clears the parent-death signal (prctl(2))'),
	];
}

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

/**
 * Through a proc mount of tsrun's own; but a user namespace that shares the host's processes may not mount one, and has the
 * host's, which no image has touched yet.
 */
function sysctlSteps(spec: RuntimeSpec, usesHostProc: boolean): readonly Step[] {
	const entries = Object.entries(spec.linux?.sysctl ?? {});
	if (entries.length === 0) return [];
	const ofKey = (key: string) => ({
		phase: 'process' as const,
		why: `set ${key}`,
		from: `/linux/sysctl/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`,
	});
	const pathOf = (key: string) => `sys/${key.replaceAll('.', '/')}`;
	if (usesHostProc) {
		return entries.map(([key, data]): Step => ({ op: 'write', path: `/proc/${pathOf(key)}`, data, ...ofKey(key) }));
	}
	return [
		{
			op: 'openProc',
			phase: 'process',
			why: 'a proc of tsrun’s own, that no mount can cover (CVE-2025-52881)',
			from: '/linux/sysctl',
		},
		...entries.map(([key, data]): Step => ({ op: 'writeProc', path: pathOf(key), data, ...ofKey(key) })),
	];
}

function maskSteps(spec: RuntimeSpec): readonly Step[] {
	const readonlyPaths = (spec.linux?.readonlyPaths ?? []).map(
		(path, index): Step => ({
			op: 'readonlyInRoot',
			path,
			tolerate: [ERRNO.ENOENT],
			phase: 'security',
			why: 'the kernel’s settings cannot be changed from inside',
			from: `/linux/readonlyPaths/${index}`,
		}),
	);
	const masked = (spec.linux?.maskedPaths ?? []).map(
		(path, index): Step => ({
			op: 'maskInRoot',
			path,
			tolerate: [ERRNO.ENOENT],
			phase: 'security',
			why: 'what tells of the host is hidden',
			from: `/linux/maskedPaths/${index}`,
		}),
	);
	return [...readonlyPaths, ...masked];
}

function nameSteps(spec: RuntimeSpec, namespaces: NamespacePlan): readonly Step[] {
	if (!namespaces.isNew('uts')) return [];
	const steps: Step[] = [];
	if (spec.hostname !== undefined)
		steps.push({
			op: 'sethostname',
			name: spec.hostname,
			phase: 'process',
			why: 'name the container',
			from: '/hostname',
		});
	if (spec.domainname !== undefined)
		steps.push({
			op: 'setdomainname',
			name: spec.domainname,
			phase: 'process',
			why: 'name its domain',
			from: '/domainname',
		});
	return steps;
}

function teardownSteps({ container }: PlanInput, cgroup: CgroupPlan, isUser: boolean): readonly Step[] {
	const { trees, links, stateDir } = container.remove;
	const notes = { phase: 'teardown', tolerate: [ERRNO.ENOENT] } as const;
	return [
		...cgroup.kill,
		...cgroup.notices,
		...cgroup.remove,
		...unmountSteps(container.rootfs, isUser),
		...trees.map((path): Step => ({ op: 'removeTree', path, why: 'what the container wrote', ...notes })),
		...links.map(
			(path): Step => ({ op: 'unlinkLink', path, target: container.id, why: 'its name is free again', ...notes }),
		),
		...(stateDir === undefined
			? []
			: [{ op: 'removeTree', path: stateDir, why: 'its state, last of all', ...notes } satisfies Step]),
	];
}
