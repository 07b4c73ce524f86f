import { existsSync } from 'node:fs';
import type { ContainerId } from '../core/brands.ts';
import { TsrunError } from '../core/errors.ts';
import type { HealthCheck } from '../core/health-check.ts';
import { join } from '../core/paths.ts';
import { readHostname } from '../host/read-hostname.ts';
import { readKernelMounts } from '../host/read-kernel-mounts.ts';
import { readPathKinds } from '../host/read-path-facts.ts';
import { readSpecFacts } from '../host/read-spec-facts.ts';
import { type ImageReference, parseReference } from '../image/parse-reference.ts';
import type { RuntimeSpec } from '../oci/runtime-spec.ts';
import { parseCgroupsPath } from '../plan/cgroup/cgroup-path.ts';
import { cgroupPaths } from '../plan/cgroup/compile-cgroup.ts';
import { compilePlan } from '../plan/compile.ts';
import type { ContainerInput, LogInput, StreamInput } from '../plan/container-input.ts';
import type { HostFacts } from '../plan/host-facts.ts';
import { requireKernel } from '../plan/require-kernel.ts';
import type { Plan } from '../plan/step.ts';
import { readFileInLayers } from '../rootfs/lookup.ts';
import { badFlag } from '../spec/bad-flag.ts';
import { checkRunOptions } from '../spec/check-run-options.ts';
import { containerVolumes } from '../spec/container-volumes.ts';
import { createSpec, INIT_ANNOTATION } from '../spec/create-spec.ts';
import { healthCheckOf } from '../spec/health-check.ts';
import { resolveUser } from '../spec/resolve-user.ts';
import type { RunOptions } from '../spec/run-options.ts';
import { nameLink } from '../state/container-names.ts';
import { containerStateDir, type StateDirectory } from '../state/state-directory.ts';
import type { Store } from '../store/open-store.ts';
import { containerFilePaths, logPath, overlaysPath } from './container-files.ts';
import { gatherFacts, kinds, requireHost } from './gather-facts.ts';
import type { Probed } from './health/with-probe.ts';
import { joinedNamespaces } from './joined-namespaces.ts';
import type { LayerDisplay } from './layer-progress.ts';
import { ensureImage, type ImageOptions, type ReadyImage } from './load-image.ts';
import { mountpointOf } from './mountpoint-of.ts';
import type { RunNetworks } from './network/set-up-networks.ts';
import { newContainerId, newContainerName } from './new-container-id.ts';
import { type PlannedVolume, planVolumes } from './plan-volumes.ts';
import { readJsonFile } from './read-json-file.ts';

const MAX_ACCOUNT_FILE = 1 << 20;
const DEFAULT_RANGE = 65_536;
/** Ranges are chosen above those that useradd(8) hands out by default. */
const FIRST_RANGE = 0x2000_0000;

export interface RunRequest {
	readonly reference: string;
	/** The words after the image. */
	readonly args: readonly string[];
	readonly options: RunOptions;
	readonly store: Store;
	readonly state: StateDirectory;
	/** Which of the caller's standard streams are terminals. */
	readonly terminals: readonly [stdin: boolean, stdout: boolean, stderr: boolean];
	/** In characters; for --tty. */
	readonly terminalSize?: { readonly height: number; readonly width: number };
	/** For `plan`: compile as root would, whoever asks. */
	readonly asRoot?: boolean;
	/** For `create`: its start decides addresses and holds ports. */
	readonly isForLater?: boolean;
	/** argv of the program that is told of the end of a container in networks; it is given the id. */
	readonly farewell?: readonly string[];
	readonly onProgress?: (line: string) => void;
	/** Told the plan before it is carried out. */
	readonly onPlan?: (plan: Plan) => void;
	/** Shows how an image comes from a registry; called when one does. */
	readonly onPull?: () => Promise<LayerDisplay>;
}

export interface PreparedContainer {
	readonly id: ContainerId;
	readonly name: string;
	readonly image: ReadyImage;
	readonly spec: RuntimeSpec;
	readonly plan: Plan;
	readonly container: ContainerInput;
	/** The container's own directory. */
	readonly directory: string;
	readonly volumes: readonly PlannedVolume[];
	readonly health?: HealthCheck;
	/** Of a container in bridge networks. */
	readonly network?: RunNetworks | undefined;
	/** Its directory in each cgroup hierarchy: `unified`, and one for each v1 controller. */
	readonly cgroups: Readonly<Record<string, string>>;
}

/** Image, specification and plan of a container that does not exist yet. Reads; changes nothing but the store's cache. */
export async function prepareContainer(request: RunRequest): Promise<PreparedContainer> {
	const { options, store, state, args } = request;
	checkRunOptions(options);
	const id = newContainerId();
	const found = gatherFacts(request, id);
	if (request.asRoot !== true) requireKernel(found);
	requireHost(options, found);
	const { image, account } = await findImage(request);
	const name = options.name ?? newContainerName(id);
	const directory = join(store.containers, id);
	const layersTopFirst = image.layerDirs.toReversed();
	const user = resolveUser({
		user: options.user ?? image.config.config.user,
		groupAdd: options.groupAdd,
		passwd: account('/etc/passwd'),
		group: account('/etc/group'),
	});
	const volumes = planVolumes(containerVolumes(image.config.config, options), {
		store,
		directory,
		remove: options.rm,
	});
	const files = containerFilePaths(directory);
	const facts: HostFacts = {
		...found,
		paths: {
			...found.paths,
			...kinds(Object.values(files), 'file'),
			...Object.fromEntries(volumes.map(({ path, within }) => [path, within?.kind ?? 'directory'])),
		},
		...(options.noPivot ? { kernelMounts: readKernelMounts() } : {}),
	};
	const spec = createSpec({
		image: image.config.config,
		options,
		args,
		id,
		user,
		rootfs: join(directory, 'merged'),
		files,
		overlays: overlaysPath(directory),
		host: { ...facts, hostname: readHostname() },
		joined: joinedNamespaces(options, state),
		...(request.terminalSize === undefined ? {} : { terminalSize: request.terminalSize }),
		volumes: Object.fromEntries(volumes.map(volume => [volume.destination, volume])),
		...(options.seccomp.kind === 'file'
			? { seccompProfile: readJsonFile('--security-opt seccomp', options.seccomp.path) }
			: {}),
		...(options.userns.kind === 'private' ? { idRange: idRange(options.userns, id) } : {}),
	});
	const network = await networksOf(request, { id, name, image, spec });
	const container: ContainerInput = {
		id,
		...(network === undefined ? {} : { network: network.input }),
		rootfs: {
			kind: 'overlay',
			layers: store.layers,
			lowerdirs: layersTopFirst.map(path => path.slice(store.layers.length + 1)),
			directory,
			...(spec.linux?.rootfsPropagation === 'shared' ? { mountpoint: mountpointOf(store.containers) } : {}),
		},
		streams: streamsOf(request),
		terminal: {
			raw: options.interactive && request.terminals[0] && !options.detach,
			input: options.interactive,
		},
		subpaths: volumes.flatMap(({ path, within, subpath: inside }) =>
			within === undefined || inside === undefined ? [] : [{ source: path, base: within.base, inside }],
		),
		noPivot: options.noPivot,
		reaper: spec.annotations?.[INIT_ANNOTATION] === 'true',
		life: { kind: 'supervised' },
		...(options.detach ? { log: logInput(options, directory) } : {}),
		handOver: {},
		newKeyring: true,
		remove: options.rm
			? {
					trees: [directory],
					volumeLinks: volumes.flatMap(({ link }) => link ?? []),
					links: [nameLink(state, name)],
					stateDir: containerStateDir(state, id),
				}
			: { trees: [], links: [] },
	};
	const cgroups = cgroupPaths(
		facts.cgroup,
		parseCgroupsPath(spec.linux?.cgroupsPath ?? ''),
	) as PreparedContainer['cgroups'];
	const known = withSpecFacts(facts, spec);
	const health = healthCheckOf(image.config.config, options.health);
	const plan = compilePlan({ spec, facts: known, container });
	return {
		id,
		name,
		image,
		spec,
		plan: await probed(plan, {
			check: health,
			spec,
			facts: known,
			container,
			cgroups,
			stateDir: containerStateDir(state, id),
		}),
		...(health === undefined ? {} : { health }),
		container,
		directory,
		volumes,
		network,
		cgroups,
	};
}

/** Read only where it is needed. */
async function probed(plan: Plan, input: Probed): Promise<Plan> {
	if (input.check === undefined) return plan;
	const { withProbe } = await import('./health/with-probe.ts');
	return withProbe(plan, input);
}

/** Read only where it is needed: most of it is for networks alone. */
async function networksOf(
	request: RunRequest,
	made: Pick<PreparedContainer, 'id' | 'name' | 'image' | 'spec'>,
): Promise<RunNetworks | undefined> {
	if (request.options.network.kind !== 'networks') return undefined;
	const { runNetworks } = await import('./network/run-networks.ts');
	return runNetworks(request, made);
}

/** The defaults bind from the host too: its /dev/shm with `--ipc host`, its /proc and /sys in a user namespace. */
function withSpecFacts(facts: HostFacts, spec: RuntimeSpec): HostFacts {
	const { mounts = [] } = spec;
	const sources = mounts.flatMap(({ type, source }) => (type === 'bind' && source !== undefined ? [source] : []));
	const unknown = sources.filter(source => !Object.hasOwn(facts.paths, source));
	return { ...facts, ...readSpecFacts(spec), paths: { ...facts.paths, ...readPathKinds(unknown) } };
}

interface FoundImage {
	readonly image: ReadyImage;
	/** Text of an account file of the image. */
	readonly account: (path: '/etc/passwd' | '/etc/group') => string | undefined;
}

/** Extracted; or, for the plan of a user who cannot do that, as its archives tell. */
async function findImage(request: RunRequest): Promise<FoundImage> {
	const { store, options, asRoot } = request;
	const parsed = reference(request);
	if (asRoot === true && parsed.kind === 'local' && process.geteuid?.() !== 0) {
		const { describeImage } = await import('./describe-image.ts');
		const { image, files } = await describeImage(store, parsed, {
			platform: options.platform,
			files: ['etc/passwd', 'etc/group'],
			maxBytes: MAX_ACCOUNT_FILE,
		});
		return { image, account: path => files.get(path.slice(1))?.toString('utf8') };
	}
	const image = await ensureImage(store, parsed, imageOptions(request));
	const layers = image.layerDirs.toReversed();
	return {
		image,
		account: path => {
			try {
				return readFileInLayers(layers, path, MAX_ACCOUNT_FILE)?.toString('utf8');
			} catch (error) {
				throw layers.every(layer => existsSync(layer)) ? error : imageRemoved(image.name);
			}
		},
	};
}

/** By another command. */
export const imageRemoved = (name: string): TsrunError =>
	new TsrunError('TSRUN_NO_IMAGE', `image ${name} was removed while the container was made`);

/** Who only plans changes nothing, and so pulls nothing. */
function reference({ reference: text, options, asRoot }: RunRequest): ImageReference {
	const parsed = parseReference(text);
	if (parsed.kind === 'name' && options.pull === 'always' && asRoot === true) {
		throw badFlag('--pull', 'always', { problem: 'is not for plan', hint: `tsrun pull ${text} first` });
	}
	return parsed;
}

function imageOptions({ options, onProgress, onPull, asRoot }: RunRequest): ImageOptions {
	return {
		pull: asRoot === true ? 'never' : options.pull,
		onPull,
		...(options.platform === undefined ? {} : { platform: options.platform }),
		...(onProgress === undefined ? {} : { onProgress }),
	};
}

/** A terminal of the caller is never handed into the container: it could read what is typed there (CVE-2017-5226). */
function streamsOf({ options, terminals }: RunRequest): ContainerInput['streams'] {
	if (options.detach) {
		const output = options.log.kind === 'none' ? 'null' : 'pipe';
		return { stdin: options.interactive ? 'inherit' : 'null', stdout: output, stderr: output };
	}
	if (options.tty && options.interactive && !terminals[0]) {
		throw new TsrunError('TSRUN_NOT_A_TERMINAL', 'standard input is not a terminal, and -it asks for one', {
			hint: 'leave out -t where input comes from a pipe or a file',
		});
	}
	const output = (fd: 1 | 2): StreamInput => (terminals[fd] ? 'pipe' : 'inherit');
	return {
		stdin: options.interactive ? (terminals[0] ? 'pipe' : 'inherit') : 'null',
		stdout: output(1),
		stderr: output(2),
	};
}

/** The step that opens the log also tells the caller that the program runs, so there is one without a log, too. */
function logInput({ log }: RunOptions, directory: string): LogInput {
	if (log.kind === 'none') return { path: '/dev/null', maxSize: 0, files: 1 };
	return { path: logPath(directory), maxSize: log.maxSize, files: log.files };
}

/** 65536 ids of the host for one container; the id spreads containers over some sixteen thousand ranges. */
function idRange(
	userns: { readonly first?: number; readonly size?: number },
	id: ContainerId,
): { readonly first: number; readonly size: number } {
	const size = userns.size ?? DEFAULT_RANGE;
	return { first: userns.first ?? FIRST_RANGE + DEFAULT_RANGE * (Number.parseInt(id.slice(0, 8), 16) % 0x3000), size };
}
