import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ContainerId } from '../core/brands.ts';
import { join } from '../core/paths.ts';
import { readHostname } from '../host/read-hostname.ts';
import type { RuntimeSpec } from '../oci/runtime-spec.ts';
import { createSnapshot } from '../rootfs/snapshot.ts';
import { hostsFile } from '../spec/hosts-file.ts';
import { BEHIND_STUB, isStub, resolvConfFile } from '../spec/resolv-conf-file.ts';
import type { RunOptions } from '../spec/run-options.ts';
import type { StateDirectory } from '../state/state-directory.ts';
import type { ReadyImage } from './load-image.ts';
import { linkState } from './stored-containers.ts';

export interface ContainerFilePaths {
	readonly hosts: string;
	readonly hostname: string;
	readonly resolvConf: string;
}

/** Where the output of a container in the background goes. */
export const logPath = (directory: string): string => join(directory, 'container.log');

/** Where a container's own /etc files are, in its directory. */
export function containerFilePaths(directory: string): ContainerFilePaths {
	return {
		hosts: join(directory, 'hosts'),
		hostname: join(directory, 'hostname'),
		resolvConf: join(directory, 'resolv.conf'),
	};
}

export interface ContainerFilesInput {
	readonly id: ContainerId;
	readonly image: ReadyImage;
	readonly directory: string;
	readonly state: StateDirectory;
	readonly spec: RuntimeSpec;
	readonly options: RunOptions;
	/** Text of /etc/hosts of a container in networks. */
	readonly networkHosts?: string | undefined;
}

/** Makes the container's directory: places for its overlay, its /etc files, its config.json. */
export function writeContainerFiles(input: ContainerFilesInput): void {
	const { id, image, directory, state, spec, options } = input;
	createSnapshot(id, { containers: dirname(directory), layerDirs: image.layerDirs, root: image.root });
	linkState(directory, state, id);
	for (const bind of options.mounts) {
		if (bind.kind === 'bind' && bind.createSource && !existsSync(bind.source))
			mkdirSync(bind.source, { recursive: true, mode: 0o755 });
	}
	for (const { path, text } of containerFileTexts(input)) writeFile(path, text);
	writeFileSync(join(directory, 'config.json'), JSON.stringify(spec), { mode: 0o600 });
}

/** The container's own /etc files. Reads those of the host that they are made from. */
export function containerFileTexts({
	directory,
	spec,
	options,
	networkHosts,
}: Pick<ContainerFilesInput, 'directory' | 'spec' | 'options' | 'networkHosts'>): readonly ContainerFile[] {
	const hostname = spec.hostname ?? readHostname();
	const paths = containerFilePaths(directory);
	const mode = options.network.kind;
	const hosts =
		networkHosts ??
		hostsFile({
			hostname,
			domainname: spec.domainname,
			addHosts: options.addHosts,
			loopbackOnly: mode !== 'host' && mode !== 'networks',
			networkHost: mode === 'host',
			hostFile: readIfThere('/etc/hosts'),
		});
	const resolvConf = resolvConfFile({
		hostFile: hostResolvConf(mode === 'host'),
		dns: options.dns,
		search: options.dnsSearch,
		options: options.dnsOptions,
		networkMode: mode === 'host' || mode === 'none' ? mode : 'private',
	});
	return [
		{ path: paths.hostname, text: `${hostname}\n` },
		{ path: paths.hosts, text: hosts },
		{ path: paths.resolvConf, text: resolvConf },
	];
}

export interface ContainerFile {
	readonly path: string;
	readonly text: string;
}

function hostResolvConf(isOnHost: boolean): string | undefined {
	const text = readIfThere('/etc/resolv.conf');
	return (text !== undefined && !isOnHost && isStub(text) ? readIfThere(BEHIND_STUB) : undefined) ?? text;
}

/** Readable by every user of the container, whatever the umask here. */
function writeFile(path: string, text: string): void {
	writeFileSync(path, text);
	chmodSync(path, 0o644);
}

function readIfThere(path: string): string | undefined {
	try {
		return readFileSync(path, 'utf8');
	} catch {
		return undefined;
	}
}
