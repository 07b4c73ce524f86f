import type { RuntimeSpec } from '../../../src/oci/runtime-spec.ts';
import { compilePlan } from '../../../src/plan/compile.ts';
import type { ContainerInput, PlanInput } from '../../../src/plan/container-input.ts';
import type { HostFacts, PathKind } from '../../../src/plan/host-facts.ts';
import { type Plan, STEP_LISTS, type Step, type StepOf } from '../../../src/plan/step.ts';
import { createSpec, INIT_ANNOTATION } from '../../../src/spec/create-spec.ts';
import type { MountRequest, RunOptions } from '../../../src/spec/run-options.ts';
import type { SpecInput } from '../../../src/spec/spec-input.ts';
import { validateSpec } from '../../../src/spec/validate-spec.ts';
import { ID, specInput } from '../spec/spec-input-fixture.ts';
import { HYBRID, LEGACY, UNIFIED } from './cgroup/hosts.ts';

export const DIRECTORY = '/var/lib/tsrun/containers/c';
export const LAYERS = '/var/lib/tsrun/layers';
const STATE = '/run/tsrun';

/** What stands at the host paths of the container's own files and of the flags used in tests. */
const PATHS: Readonly<Record<string, PathKind>> = {
	'/run/tsrun/c/hosts': 'file',
	'/run/tsrun/c/hostname': 'file',
	'/run/tsrun/c/resolvConf': 'file',
	'/run/tsrun/c/resolv.conf': 'file',
	'/srv/data': 'directory',
	'/srv/file': 'file',
	'/dev/shm': 'directory',
	'/proc': 'directory',
	'/sys': 'directory',
	[`${DIRECTORY}/volumes/0`]: 'directory',
};

export const OVERLAY: ContainerInput['rootfs'] = {
	kind: 'overlay',
	layers: LAYERS,
	lowerdirs: ['top', 'base'],
	directory: DIRECTORY,
};

const CONTAINER: ContainerInput = {
	id: ID,
	rootfs: OVERLAY,
	streams: { stdin: 'null', stdout: 'inherit', stderr: 'inherit' },
	terminal: { raw: false, input: false },
	noPivot: false,
	reaper: false,
	life: { kind: 'supervised' },
	handOver: {},
	newKeyring: true,
	remove: { trees: [], links: [] },
};

/** `--rm`. */
export const REMOVED: ContainerInput['remove'] = {
	trees: [DIRECTORY],
	links: [`${STATE}/names/web`],
	stateDir: `${STATE}/${ID}`,
};

export interface Case {
	readonly options?: Partial<RunOptions>;
	readonly specRest?: Partial<SpecInput>;
	readonly container?: Partial<ContainerInput>;
	readonly facts?: HostFacts;
	/** Applied to the specification that the options gave. */
	readonly change?: (spec: RuntimeSpec) => RuntimeSpec;
}

export function withPaths(facts: HostFacts): HostFacts {
	return { ...facts, paths: { ...PATHS, ...facts.paths } };
}

/** `tsrun run` with options, through the same specification as the command makes. */
export function planInput({
	options = {},
	specRest = {},
	container = {},
	facts = HYBRID,
	change,
}: Case = {}): PlanInput {
	const { mode } = facts.cgroup;
	const host = { ...specInput().host, cgroup: { mode }, ...specRest.host };
	const spec = createSpec(specInput(options, { ...specRest, host }));
	// what is created needs no reading: types and rules hold
	validateSpec(JSON.parse(JSON.stringify(spec)));
	return {
		spec: change === undefined ? spec : change(spec),
		facts: withPaths(facts),
		container: {
			...CONTAINER,
			...container,
			noPivot: options.noPivot ?? false,
			reaper: spec.annotations?.[INIT_ANNOTATION] === 'true',
		},
	};
}

export function planOf(what: Case = {}): Plan {
	return compilePlan(planInput(what));
}

export function bind(source: string, destination: string, rest: Partial<MountRequest> = {}): MountRequest {
	return {
		kind: 'bind',
		source,
		destination,
		readonly: false,
		propagation: 'rprivate',
		recursive: 'enabled',
		createSource: true,
		...rest,
	} as MountRequest;
}

const PRIVATE_IDS = { idRange: { first: 100_000, size: 65_536 } };

/** A container of each kind. */
export const CASES: Readonly<Record<string, Case>> = {
	default: {},
	'default-unified': { facts: UNIFIED },
	'default-legacy': { facts: LEGACY },
	removed: { container: { remove: REMOVED } },
	privileged: { options: { privileged: true } },
	'user-namespace': {
		options: {
			userns: { kind: 'private' },
			mounts: [bind('/srv/data', '/data', { readonly: true } as Partial<MountRequest>)],
		},
		specRest: PRIVATE_IDS,
		container: { remove: REMOVED },
		facts: UNIFIED,
	},
	terminal: {
		options: { tty: true, interactive: true },
		specRest: { terminalSize: { height: 24, width: 80 } },
		container: { terminal: { raw: true, input: true } },
	},
	'read-only': { options: { readOnly: true } },
	'host-network': { options: { network: { kind: 'host' } } },
	reaper: { options: { init: true } },
	bundle: {
		container: {
			rootfs: { kind: 'directory', path: '/bundle/rootfs' },
			streams: { stdin: 'inherit', stdout: 'inherit', stderr: 'inherit' },
			hooks: { id: ID, bundle: '/bundle' },
		},
	},
	joined: {
		options: {
			pid: { kind: 'container', container: 'web' },
			ipc: { kind: 'container', container: 'web' },
			network: { kind: 'container', container: 'web' },
		},
		specRest: {
			joined: { pid: '/proc/7/ns/pid', ipc: '/proc/7/ns/ipc', network: '/proc/7/ns/net' },
			joinedShm: '/dev/shm',
		},
	},
	'joined-user': {
		container: { rootfs: { kind: 'directory', path: '/bundle/rootfs' } },
		facts: UNIFIED,
		change: spec => ({
			...spec,
			linux: {
				...spec.linux,
				namespaces: [
					{ type: 'user', path: '/proc/7/ns/user' },
					{ type: 'network', path: '/proc/7/ns/net' },
					{ type: 'ipc', path: '/proc/7/ns/ipc' },
					...(['uts', 'pid', 'mount', 'cgroup'] as const).map(type => ({ type })),
				],
			},
		}),
	},
	sysctl: { options: { sysctl: { 'net.core.somaxconn': '1024', 'kernel.msgmax': '8192' } } },
	shared: {
		options: { mounts: [bind('/srv/data', '/data', { propagation: 'rshared' } as Partial<MountRequest>)] },
		container: { rootfs: { ...OVERLAY, mountpoint: '/var' } as ContainerInput['rootfs'] },
	},
	'user-and-limits': {
		options: {
			user: 'app',
			noNewPrivileges: true,
			workdir: '/srv/app',
			ulimits: [{ type: 'RLIMIT_NOFILE', soft: 1024, hard: 4096 }],
			oomScoreAdj: 500,
			mounts: [bind('/srv/file', '/etc/app.conf', { readonly: true } as Partial<MountRequest>)],
			resources: { memory: 64 * 1024 ** 2, pidsLimit: 100, nanoCpus: 500_000_000 },
		},
		specRest: { user: { uid: 33, gid: 34, additionalGids: [34, 29], home: '/srv/app', name: 'app' } },
		container: { streams: { stdin: 'pipe', stdout: 'pipe', stderr: 'pipe' } },
	},
};

export function allSteps(plan: Plan): readonly Step[] {
	return STEP_LISTS.flatMap(list => plan[list]);
}

export function stepsOf<O extends Step['op']>(steps: readonly Step[], op: O): readonly StepOf<O>[] {
	return steps.filter((step): step is StepOf<O> => step.op === op);
}

export const positions = (steps: readonly Step[], is: (step: Step) => boolean): readonly number[] =>
	steps.flatMap((step, index) => (is(step) ? [index] : []));
export const isOp =
	(...ops: readonly Step['op'][]) =>
	(step: Step): boolean =>
		ops.includes(step.op);
export const isPrctl =
	(option: number) =>
	(step: Step): boolean =>
		step.op === 'prctl' && step.option === option;

/** The place of the only step of a kind. */
export function only(steps: readonly Step[], is: (step: Step) => boolean): number {
	const found = positions(steps, is);
	if (found.length !== 1 || found[0] === undefined) throw new Error(`${found.length} steps where one is expected`);
	return found[0];
}

/** For JSON, which has no big integers. */
export function bigints(_: string, value: unknown): unknown {
	return typeof value === 'bigint' ? String(value) : value;
}
