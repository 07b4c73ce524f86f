import { randomBytes } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import type { ContainerId } from '../../core/brands.ts';
import { TsrunError } from '../../core/errors.ts';
import { isNullDevice } from '../../host/is-null-device.ts';
import { mayMakeCgroups } from '../../host/may-make-cgroups.ts';
import { readHostFacts } from '../../host/read-host-facts.ts';
import { readKernelMounts } from '../../host/read-kernel-mounts.ts';
import { readSpecFacts } from '../../host/read-spec-facts.ts';
import { isBind } from '../../oci/mount-kind.ts';
import type { RuntimeSpec } from '../../oci/runtime-spec.ts';
import { parseCgroupsPath } from '../../plan/cgroup/cgroup-path.ts';
import { type CgroupPlan, cgroupPaths } from '../../plan/cgroup/compile-cgroup.ts';
import { isLegacy, scopePlace } from '../../plan/cgroup/scope-steps.ts';
import { compilePlan } from '../../plan/compile.ts';
import type { ContainerInput, HandOver, Life, StreamInput } from '../../plan/container-input.ts';
import { isDevBound } from '../../plan/device-nodes.ts';
import { grantCapabilities } from '../../plan/grant-capabilities.ts';
import type { HostFacts } from '../../plan/host-facts.ts';
import { requireKernel } from '../../plan/require-kernel.ts';
import type { Plan } from '../../plan/step.ts';
import { annotationProperties } from '../../plan/systemd/annotation-properties.ts';
import { parseSystemdCgroup, type SystemdCgroup } from '../../plan/systemd/systemd-cgroup.ts';
import type { ContainerState } from '../../state/container-state.ts';
import { START_FIFO } from '../../state/state-directory.ts';
import { mountpointOf } from '../mountpoint-of.ts';
import { standardTerminals } from '../open-container-roots.ts';
import { withHome } from './home-directory.ts';
import { type Bundle, loadBundle } from './load-bundle.ts';
import type { ScopeStart } from './systemd-scope.ts';

/** What runc's `create` and `run` are told beside the bundle. */
export interface CreateOptions {
	/** `created`: it waits for its start; `detached`: its program runs, and the caller waits for its end; else in the foreground. */
	readonly life: Life['kind'];
	readonly pidFile?: string;
	readonly consoleSocket?: string;
	readonly pidfdSocket?: string;
	readonly noPivot: boolean;
	readonly newKeyring: boolean;
	readonly preserveFds: number;
	/** Of a container in the foreground: it stays after its end, until it is deleted. */
	readonly keep: boolean;
	/** Its cgroup is a scope that systemd makes (`--systemd-cgroup`). */
	readonly systemdCgroup?: boolean;
}

export interface PrepareBundleRequest {
	readonly id: ContainerId;
	readonly bundle: string;
	readonly options: CreateOptions;
	/** Of the container, below the root of the state. */
	readonly stateDir: string;
	/** For `plan`: compile as root would, whoever asks. */
	readonly asRoot?: boolean;
}

export interface PreparedBundle {
	readonly plan: Plan;
	readonly state: ContainerState;
	readonly bundle: Bundle;
	/** What systemd is asked for before the plan is carried out. */
	readonly scope?: ScopeStart;
	/** What the container does not get of what was asked for. */
	readonly warnings: readonly string[];
}

/** Specification and plan of a container of the OCI command line. Reads; changes nothing. */
export function prepareBundle(request: PrepareBundleRequest): PreparedBundle {
	const { id, options, stateDir, asRoot } = request;
	const bundle = loadBundle(request.bundle);
	const systemd = options.systemdCgroup === true ? systemdCgroupOf(bundle.spec, id) : undefined;
	const cgroupsPath = systemd?.path ?? cgroupsPathOf(bundle.spec, id);
	const facts = factsOf(request, bundle.spec, cgroupsPath);
	const { spec, warnings } = withProcess(bundle, facts);
	if (asRoot !== true) requireKernel(facts);
	checkTerminal(spec, options);
	const paths = cgroupPaths(facts.cgroup, parseCgroupsPath(cgroupsPath));
	const scope = systemd === undefined ? undefined : scopeOf(systemd, spec, { id, facts, paths });
	const plan = compilePlan({
		spec: { ...spec, linux: { ...spec.linux, cgroupsPath } },
		facts,
		container: containerInput(request, bundle),
	});
	return {
		plan,
		bundle,
		warnings,
		...(scope === undefined ? {} : { scope }),
		state: stateOf({ id, bundle, stateDir, options }, { cgroups: paths, scope: systemd?.scope }),
	};
}

const systemdCgroupOf = ({ linux }: RuntimeSpec, id: ContainerId): SystemdCgroup =>
	parseSystemdCgroup(linux?.cgroupsPath ?? '', id);

function scopeOf(
	cgroup: SystemdCgroup,
	{ linux, annotations = {} }: RuntimeSpec,
	{ id, facts, paths }: { readonly id: ContainerId; readonly facts: HostFacts; readonly paths: CgroupPlan['paths'] },
): ScopeStart {
	return {
		id,
		cgroup,
		resources: linux?.resources ?? {},
		asked: annotationProperties(annotations),
		isLegacy: isLegacy(facts.cgroup),
		place: scopePlace(paths as Readonly<Record<string, string>>),
	};
}

function withProcess(
	{ spec, rootfs }: Bundle,
	facts: HostFacts,
): { readonly spec: RuntimeSpec; readonly warnings: readonly string[] } {
	if (spec.process === undefined) return { spec, warnings: [] };
	const { process, warnings } = grantCapabilities(withHome(spec.process, rootfs), spec, facts);
	return { spec: { ...spec, process }, warnings };
}

const cgroupsPathOf = ({ linux }: RuntimeSpec, id: ContainerId): string => linux?.cgroupsPath || `/tsrun/${id}`;

function factsOf(
	{ asRoot, options: { noPivot } }: PrepareBundleRequest,
	spec: RuntimeSpec,
	cgroupsPath: string,
): HostFacts {
	const found = readHostFacts({
		paths: (spec.mounts ?? []).flatMap(mount => (isBind(mount) && mount.source !== undefined ? [mount.source] : [])),
		devices: [],
		cgroupsPath,
	});
	const cgroup = spec.linux?.cgroupsPath ? found.cgroup : withoutDenied(found);
	const facts = { ...found, cgroup, ...readSpecFacts(spec), ...(noPivot ? { kernelMounts: readKernelMounts() } : {}) };
	if (asRoot !== true || facts.uid === 0) return facts;
	return { ...facts, uid: 0, gid: 0, capabilities: (1n << BigInt(facts.lastCapability + 1)) - 1n };
}

/**
 * A user who is root in a user namespace has no cgroups but those that somebody gave away: a container that names none does without,
 * as under runc.
 */
function withoutDenied({ cgroup, inUserNamespace }: HostFacts): HostFacts['cgroup'] {
	return inUserNamespace === true && !mayMakeCgroups(cgroup) ? { mode: 'denied', hierarchies: [] } : cgroup;
}

/** Where a terminal goes must be known before there is one. */
function checkTerminal(spec: RuntimeSpec, { life, consoleSocket }: CreateOptions): void {
	const hasTerminal = spec.process?.terminal === true;
	if (life !== 'supervised' && hasTerminal && consoleSocket === undefined) {
		throw new TsrunError(
			'TSRUN_NO_CONSOLE_SOCKET',
			'cannot allocate tty if runc will detach without setting console socket',
			{ hint: 'config.json /process/terminal is true: give --console-socket PATH, or set it to false', exitCode: 1 },
		);
	}
	if (consoleSocket !== undefined && (life === 'supervised' || !hasTerminal)) {
		throw new TsrunError('TSRUN_CONSOLE_SOCKET', 'cannot use console socket if runc will not detach or allocate tty', {
			hint: 'leave out --console-socket, or set config.json /process/terminal to true and detach',
			exitCode: 1,
		});
	}
}

function containerInput(
	{ id, options, stateDir }: PrepareBundleRequest,
	{ directory, rootfs, spec }: Bundle,
): ContainerInput {
	const inForeground = options.life === 'supervised';
	const terminals = inForeground && spec.process?.terminal === true ? standardTerminals() : [false, false, false];
	const isRemoved = inForeground && !options.keep;
	return {
		id,
		rootfs: { kind: 'directory', path: rootfs, ...(isShared(spec) ? { mountpoint: mountpointOf(rootfs) } : {}) },
		streams: streamsOf(spec),
		terminal: { raw: terminals[0] === true, input: true, plainLines: inForeground },
		noPivot: options.noPivot,
		reaper: false,
		life: lifeOf(options.life, stateDir),
		handOver: handOverOf(options),
		hooks: { id, bundle: directory },
		newKeyring: options.newKeyring,
		inScope: options.systemdCgroup === true,
		remove: { trees: [], links: [], ...(isRemoved ? { stateDir } : {}) },
	};
}

/** The host's null device would be the host's also for chmod(2), and CRIU could not open it again; so runc sees it. */
function streamsOf(spec: RuntimeSpec): ContainerInput['streams'] {
	const stream = (fd: number): StreamInput => (isNullDevice(fd) && !isDevBound(spec) ? 'null' : 'inherit');
	return { stdin: stream(0), stdout: stream(1), stderr: stream(2) };
}

function isShared({ linux }: RuntimeSpec): boolean {
	return linux?.rootfsPropagation === 'shared' || linux?.rootfsPropagation === 'rshared';
}

function lifeOf(kind: Life['kind'], stateDir: string): Life {
	if (kind !== 'created') return { kind };
	return { kind, start: join(stateDir, START_FIFO) };
}

export function handOverOf({
	consoleSocket,
	pidfdSocket,
	pidFile,
}: Pick<CreateOptions, 'consoleSocket' | 'pidfdSocket' | 'pidFile'>): HandOver {
	return {
		...(consoleSocket === undefined ? {} : { consoleSocket }),
		...(pidfdSocket === undefined ? {} : { pidfdSocket }),
		...(pidFile === undefined ? {} : { pidFile: { path: pidFile, temporary: temporaryName(pidFile) } }),
	};
}

function temporaryName(path: string): string {
	return join(dirname(path), `.${basename(path)}.${randomBytes(4).toString('hex')}`);
}

function stateOf(
	{
		id,
		bundle,
		stateDir,
		options,
	}: { readonly bundle: Bundle } & Pick<PrepareBundleRequest, 'id' | 'stateDir' | 'options'>,
	{ cgroups, scope }: { readonly cgroups: CgroupPlan['paths']; readonly scope: string | undefined },
): ContainerState {
	const { directory, rootfs, spec } = bundle;
	return {
		version: 1,
		id,
		name: id,
		image: '',
		imageDigest: '',
		command: spec.process?.args ?? [],
		created: Date.now(),
		directory: stateDir,
		labels: {},
		autoRemove: options.life === 'supervised' && !options.keep,
		bundle: {
			path: directory,
			rootfs,
			...(spec.annotations === undefined ? {} : { annotations: spec.annotations }),
			supervised: options.life === 'supervised' && !options.keep,
			cgroups: cgroups as Readonly<Record<string, string>>,
			...(scope === undefined ? {} : { scope }),
			owner: process.getuid?.() ?? 0,
		},
	};
}
