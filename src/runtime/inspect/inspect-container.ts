import { existsSync } from 'node:fs';
import { TsrunError } from '../../core/errors.ts';
import { join } from '../../core/paths.ts';
import type { RuntimeSpec } from '../../oci/runtime-spec.ts';
import { signalName } from '../../spec/parse-signal.ts';
import { findContainer } from '../../state/find-container.ts';
import {
	type ContainerRecord,
	containerStateDir,
	readContainer,
	type StateDirectory,
} from '../../state/state-directory.ts';
import type { Store } from '../../store/open-store.ts';
import { UsageCounter } from '../../store/usage-counter.ts';
import { containerFilePaths } from '../container-files.ts';
import { readHealth, readProbeOutput } from '../health/read-health.ts';
import { RESTARTS } from '../life/start-stored.ts';
import { readStoredRun } from '../life/stored-run.ts';
import { readContainerNetworks } from '../network/container-networks.ts';
import { isFrozen } from '../oci/freezer.ts';
import { oomKills } from '../oci/oom-kills.ts';
import { readJsonFile } from '../read-json-file.ts';
import { listImages } from '../stored-image-list.ts';
import { volumeUses } from '../volumes/volume-users.ts';
import { bindText, containerMounts } from './container-mounts.ts';
import { healthDocument } from './health-document.ts';
import { hostConfig } from './host-config.ts';
import { networkSettings } from './network-settings.ts';
import { stateDocument } from './state-document.ts';

export interface InspectRoots {
	readonly store: Store;
	readonly state: StateDirectory;
}

/**
 * A container in the shape of `docker inspect`.
 * @param withSize also what it takes on disk, which takes a walk through its files
 * @throws TsrunError TSRUN_NO_SUCH_CONTAINER, TSRUN_AMBIGUOUS_ID
 */
export function inspectContainer(
	{ store, state: directory }: InspectRoots,
	text: string,
	withSize = false,
): Readonly<Record<string, unknown>> {
	const id = findContainer(directory, text);
	const record = readContainer(directory, id);
	if (record === undefined) throw new TsrunError('TSRUN_NO_SUCH_CONTAINER', `no such container: ${text}`);
	const { state, status, progress } = record;
	const spec = readSpec(directory, record);
	const isRunning = status === 'running';
	const cgroups = state.bundle?.cgroups ?? state.run?.cgroups ?? {};
	const networks = isRunning ? readContainerNetworks(directory, id) : undefined;
	const mounts = containerMounts(spec.mounts ?? [], { own: state.directory, volumes: volumeUses(state.directory) });
	const stored = readStoredRun(state.directory);
	const [program = '', ...args] = spec.process?.args ?? [];
	return {
		Id: id,
		Created: new Date(state.created).toISOString(),
		Path: program,
		Args: args,
		State: stateDocument({
			status,
			progress,
			isPaused: isRunning && isFrozen(cgroups),
			...(isRunning ? { oomKilled: oomKills(cgroups) > 0n } : {}),
			health: healthOf(directory, record),
		}),
		Image: imageId(store, state.imageDigest),
		...filesOf(record),
		LogPath: state.run?.log ?? '',
		Name: `/${state.name}`,
		RestartCount: restartCount(directory, record),
		Driver: state.bundle === undefined ? 'overlay2' : '',
		Platform: 'linux',
		MountLabel: spec.linux?.mountLabel ?? '',
		ProcessLabel: spec.process?.selinuxLabel ?? '',
		AppArmorProfile: spec.process?.apparmorProfile ?? '',
		HostConfig: hostConfig({
			state,
			spec,
			joins: stored?.joins,
			binds: mounts.map(bindText),
			ports: stored?.networks?.ports ?? [],
		}),
		GraphDriver: { Name: 'overlay2', Data: overlayOf(record) },
		...(withSize ? { SizeRw: new UsageCounter().count(join(state.directory, 'upper')) } : {}),
		Mounts: mounts,
		Config: configOf(record, spec),
		NetworkSettings: networkSettings(networks, isRunning ? progress.init : 0),
	};
}

function healthOf(directory: StateDirectory, record: ContainerRecord): object | undefined {
	const health = readHealth(directory, record);
	if (health === undefined) return undefined;
	return healthDocument(health, readProbeOutput(health.log));
}

/** docker's, in nanoseconds. */
function healthcheckOf({ run }: ContainerRecord['state']): object {
	if (run?.health === undefined) return {};
	const { test, intervalMs, timeoutMs, startPeriodMs, retries } = run.health;
	const [Interval, Timeout, StartPeriod] = [intervalMs, timeoutMs, startPeriodMs].map(time => time * 1e6);
	return { Healthcheck: { Test: test, Interval, Timeout, StartPeriod, Retries: retries } };
}

function readSpec(directory: StateDirectory, { state }: ContainerRecord): RuntimeSpec {
	const place = state.bundle === undefined ? state.directory : containerStateDir(directory, state.id);
	return readJsonFile('the container', join(place, 'config.json')) as RuntimeSpec;
}

/** The id that `images` shows; where the image has gone, what its manifest was. */
function imageId(store: Store, manifest: string): string {
	return listImages(store).find(({ manifestDigest }) => manifestDigest === manifest)?.id ?? manifest;
}

function filesOf({ state }: ContainerRecord): object {
	if (state.bundle !== undefined) return { Bundle: state.bundle.path };
	const { hosts, hostname, resolvConf } = containerFilePaths(state.directory);
	return { ResolvConfPath: resolvConf, HostnamePath: hostname, HostsPath: hosts };
}

function overlayOf({ state: { bundle, directory } }: ContainerRecord): object {
	if (bundle !== undefined) return {};
	return {
		MergedDir: join(directory, 'merged'),
		UpperDir: join(directory, 'upper'),
		WorkDir: join(directory, 'work'),
	};
}

function restartCount(directory: StateDirectory, { state }: ContainerRecord): number {
	const path = join(containerStateDir(directory, state.id), RESTARTS);
	if (!existsSync(path)) return 0;
	return (readJsonFile('the restarts', path) as { readonly restarts?: number }).restarts ?? 0;
}

/** Users are ids by now, and entry point and command are one. */
function configOf({ state }: ContainerRecord, { hostname = '', domainname = '', process }: RuntimeSpec): object {
	const { uid = 0, gid = 0 } = process?.user ?? {};
	return {
		Hostname: hostname,
		Domainname: domainname,
		User: `${uid}:${gid}`,
		Tty: process?.terminal ?? false,
		OpenStdin: state.run?.interactive ?? false,
		Env: process?.env ?? [],
		Cmd: process?.args ?? [],
		Image: state.image,
		WorkingDir: process?.cwd ?? '/',
		Entrypoint: null,
		Labels: state.labels,
		...healthcheckOf(state),
		...(state.run === undefined
			? {}
			: { StopSignal: signalName(state.run.stopSignal), StopTimeout: state.run.stopTimeout }),
	};
}
